import { NO_ANSWER, notReady } from './connecting.js';
import { deadline } from './deadline.js';
import { type OwnRedisClient, replaceConnection } from './own-redis-client.js';

const PATIENCE_MS = 1000;

/**
 * Leaves a server that says nothing any more: the next connection may lead to one that does, and what is never sent to
 * this one is not carried out much later.
 *
 * That is what `socketTimeout` of ioredis is for, but its time also runs out while this process is itself held up: measured,
 * after a second of that the connection was closed over the answers that lay there, and all that was under way failed.
 */
export class SilentServer {
  #suspect: OwnRedisClient['stream'];

  /** @param timeoutMs how long an answer was waited for before there is a suspicion. */
  constructor(
    private readonly client: OwnRedisClient,
    private readonly timeoutMs: number,
  ) {}

  /** To be called when an answer did not come in time. One word of the server, whatever it is, clears it. */
  suspect(): void {
    const { stream } = this.client;
    if (!stream || stream === this.#suspect || this.client.status !== 'ready') return;
    this.#suspect = stream;
    const patienceMs = Math.max(PATIENCE_MS, 2 * this.timeoutMs) - this.timeoutMs;
    const clear = () => {
      callOff();
      stream.off('data', clear);
      stream.off('close', clear);
      this.#suspect = undefined;
    };
    const callOff = deadline(patienceMs, () => {
      clear();
      this.client.emit('error', notReady(NO_ANSWER));
      replaceConnection(this.client);
    });
    stream.once('data', clear);
    stream.once('close', clear);
  }
}
