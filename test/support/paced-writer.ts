import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** How bytes travel: so much later, or one by one with so long between them. */
export interface Pace {
  readonly delayMs?: number;
  readonly msPerByte?: number;
}

/** Writes to a socket at a pace that may change, and never out of order. */
export class PacedWriter {
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param pace asked at every byte, so that a slow answer is hurried on when all is well again. */
  constructor(
    private readonly socket: Socket,
    private readonly pace: () => Pace,
  ) {}

  write(bytes: Buffer): void {
    const { delayMs = 0, msPerByte = 0 } = this.pace();
    if (this.#waiting === 0 && delayMs === 0 && msPerByte === 0) {
      this.socket.write(bytes);
      return;
    }
    const notBefore = performance.now() + delayMs;
    this.#waiting++;
    this.#last = this.#last
      .then(() => this.#writeLate(bytes, notBefore))
      .finally(() => this.#waiting--);
  }

  async #writeLate(bytes: Buffer, notBefore: number): Promise<void> {
    while (performance.now() < notBefore && this.pace().delayMs) await wait(1);
    let at = 0;
    for (; at < bytes.length && !this.socket.destroyed; at++) {
      const { msPerByte } = this.pace();
      if (!msPerByte) break;
      this.socket.write(bytes.subarray(at, at + 1));
      await wait(msPerByte);
    }
    if (!this.socket.destroyed) this.socket.write(bytes.subarray(at));
  }
}
