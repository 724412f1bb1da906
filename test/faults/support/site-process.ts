import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { guardServer } from '../../../redis-server/guard.js';
import { projectFolder } from '../../../src/project-folder.js';
import type { FaultSiteSettings, Vitals } from '../app/fault-site.settings.js';

/** One instance of the site: a process that a test can ask how it is, freeze and end. */
export class SiteProcess {
  /** Everything that it said. */
  output = '';
  url = '';
  readonly #child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;

  private constructor(settings: FaultSiteSettings) {
    this.#child = fork(join(projectFolder(), 'dist/test/faults/app/main.js'), {
      env: { ...process.env, FAULT_SITE: JSON.stringify(settings), NO_COLOR: '1' },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    const dismissGuard = guardServer(this.#child.pid!);
    void this.ended.then(dismissGuard);
  }

  static async start(settings: FaultSiteSettings): Promise<SiteProcess> {
    const site = new SiteProcess(settings);
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
