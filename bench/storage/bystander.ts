import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';

const PROGRAM = fileURLToPath(new URL('./bystander-process.js', import.meta.url));

/** Somebody else who uses the same Redis, in a process of their own: asks each millisecond and waits for nobody. */
export class Bystander {
  private constructor(private readonly child: ChildProcess) {}

  static async start({ options: { host, port } }: Redis): Promise<Bystander> {
    const child = fork(PROGRAM, [host!, String(port)]);
    await once(child, 'message');
    return new Bystander(child);
  }

  /** @returns how long answers took since the last time, in milliseconds. */
  async take(): Promise<number[]> {
    this.child.send('take');
    const [times] = (await once(this.child, 'message')) as [number[]];
    return times;
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }
}
