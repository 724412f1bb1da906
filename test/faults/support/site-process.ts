import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { guardServer } from '../../../redis-server/guard.js';
import { projectFolder } from '../../../src/project-folder.js';
import type { FaultSiteSettings, Vitals } from '../app/fault-site.settings.js';

export interface SiteProcessOptions {
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options for Node. */
  readonly execArgv?: readonly string[];
}

/** One instance of the site: a process that a test can ask how it is, freeze and end. */
export class SiteProcess {
  /** Everything that it said. */
  output = '';
  url = '';
  readonly #child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;

  private constructor(settings: FaultSiteSettings, { env, execArgv = [] }: SiteProcessOptions) {
    const main = join(projectFolder(), 'dist/test/faults/app/main.js');
    this.#child = spawn(process.execPath, ['--expose-gc', ...execArgv, main], {
      env: { ...process.env, FAULT_SITE: JSON.stringify(settings), NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    const dismissGuard = guardServer(this.#child.pid!);
    void this.ended.then(dismissGuard);
  }

  static async start(
    settings: FaultSiteSettings,
    options: SiteProcessOptions = {},
  ): Promise<SiteProcess> {
    const site = new SiteProcess(settings, options);
    await Promise.race([
      site.#listening(),
      site.ended.then(({ code, signal }) => {
        throw new Error(`The site ended before it listened (${code ?? signal}):\n${site.output}`);
      }),
    ]);
    return site;
  }

  async vitals(): Promise<Vitals> {
    const answer = once(this.#child, 'message');
    this.#child.send('how are you?');
    const [vitals] = (await answer) as [Vitals];
    return vitals;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** From now on it can open no more files and sockets than so many, those that it has included. */
  limitFiles(most: number): void {
    execFileSync('prlimit', ['--pid', `${this.#child.pid}`, `--nofile=${most}:`]);
  }

  /** Ends it, whatever it is doing. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  async #listening(): Promise<void> {
    const pattern = /The site listens on (http:\S+)\n/;
    await new Promise<void>((resolve) => {
      this.#child.stdout!.on('data', () => {
        if (pattern.test(this.output)) resolve();
      });
    });
    this.url = pattern.exec(this.output)![1]!;
  }
}
