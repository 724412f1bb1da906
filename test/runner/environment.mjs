import { createContext } from 'node:vm';
import { ModuleMocker } from 'jest-mock';

/**
 * Jest's `testEnvironment`: the process itself, with its globals and its modules. Jest asks for a context of its own as
 * well, in which nothing is run.
 */
// oxlint-disable-next-line import/no-default-export -- Jest asks for one.
export default class NativeEnvironment {
  global = globalThis;
  fakeTimers = null;
  fakeTimersModern = null;
  moduleMocker = new ModuleMocker(globalThis);
  #context = createContext();
  #console = console;
  #variables = { ...process.env };

  constructor({ projectConfig }) {
    globalThis.isShort = projectConfig.globals.isShort ?? false;
  }

  getVmContext() {
    return this.#context;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  async setup() {
    // Jest knows the source maps of modules that it has compiled. Node knows those of all that it has loaded.
    Error.prepareStackTrace = undefined;
  }

  /** The next file finds the process as this one has found it. */
  async teardown() {
    globalThis.console = this.#console;
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, this.#variables);
  }
}
