import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { guardServer } from '../../../redis-server/guard.js';
import { projectFolder } from '../../../src/project-folder.js';

/** `main` is the shop alone, `start` what `npm start` runs: the shop and a Redis of its own. */
export type Program = 'main' | 'start';
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a process ended: by itself, with a code, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The shop as its users run it: a process of its own, compiled. */
export class ShopProcess {
  /** Everything that it said, on stdout and stderr. */
  output = '';
  url = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ending>;

  /** Resolves once the shop listens; `url` is known then. */
  readonly listening: Promise<void>;

  constructor(program: Program, env: Environment) {
    this.#child = spawn(process.execPath, [join(projectFolder(), 'dist/src', `${program}.js`)], {
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Unlike `exit`, `close` comes when everything that was said has been read.
    this.#ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    // Whatever becomes of the tests, the process must not stay behind.
    const dismissGuard = guardServer(this.#child.pid!);
    void this.#ended.then(dismissGuard);
    this.listening = this.#untilItListens();
  }

  /** Sends a signal and waits until the process is gone; one that has ended already is left in peace. */
  async end(signal: NodeJS.Signals): Promise<Ending> {
    this.#child.kill(signal);
    return this.#ended;
  }

  async #untilItListens(): Promise<void> {
    const isListening = new Promise<void>((resolve) => {
      this.#child.stdout!.on('data', () => {
        const [, url] = / listens on (http:\S+)\n/.exec(this.output) ?? [];
        if (url === undefined) return;
        this.url = url;
        resolve();
      });
    });
    const endedEarly = this.#ended.then(({ code, signal }) => {
      throw new Error(`The shop ended before it listened (${code ?? signal}):\n${this.output}`);
    });
    await Promise.race([isListening, endedEarly]);
  }
}

export type StartShop = (env: Environment, program?: Program) => Promise<ShopProcess>;

/** Starts processes of the shop, and ends those that still run after the tests of a file. */
export function useShopProcesses(): StartShop {
  const started: ShopProcess[] = [];
  afterAll(async () => {
    await Promise.all(started.map((shop) => shop.end('SIGKILL')));
  });
  return async (env, program = 'main') => {
    const shop = new ShopProcess(program, env);
    started.push(shop);
    await shop.listening;
    return shop;
  };
}
