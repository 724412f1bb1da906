import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import type { Question } from '../app/main.js';
import type { Entrant } from '../contestants/roster.js';

const PROGRAM = fileURLToPath(new URL('../app/main.js', import.meta.url));

/** An application that runs as in production. */
export class ContestantProcess {
  private constructor(
    readonly entrant: Entrant,
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  static async start(entrant: Entrant, redisUrl: string): Promise<ContestantProcess> {
    const child = fork(PROGRAM, [entrant, redisUrl], {
      env: { ...process.env, NODE_ENV: 'production' },
      execArgv: [],
    });
    return new ContestantProcess(entrant, await nextAnswer<number>(child, entrant), child);
  }

  /** Processor time that it has used since its start, all threads, in microseconds. */
  async cpuMicroseconds(): Promise<number> {
    return this.#ask('cpu');
  }

  /** Where the program is, looked at many times a second while it does something. */
  async profile(during: () => Promise<unknown>): Promise<Profiler.Profile> {
    await this.#ask('start profile');
    await during();
    return this.#ask('stop profile');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  #ask<Answer>(question: Question): Promise<Answer> {
    this.child.send(question);
    return nextAnswer(this.child, this.entrant);
  }
}

async function nextAnswer<Answer>(child: ChildProcess, entrant: Entrant): Promise<Answer> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const died = once(child, 'exit', { signal }).then(() => {
    throw new Error(`The process of ${entrant} has ended; what it said stands above.`);
  });
  try {
    const [answer] = (await Promise.race([once(child, 'message', { signal }), died])) as [Answer];
    return answer;
  } finally {
    died.catch(() => undefined);
    waiting.abort();
  }
}
