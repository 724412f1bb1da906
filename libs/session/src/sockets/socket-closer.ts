import { Logger } from '@nestjs/common';
import { asError } from '../core/as-error.js';
import { closeClients, type Closing, type SocketClient } from './socket-client.js';

/** Closes sockets a moment later: all that end at once together, and behind the answer to the message that ended their session. */
export class SocketCloser {
  readonly #logger = new Logger('SessionSockets');
  #closings: Closing[] = [];

  /** @param code why, for the peer. */
  close(clients: readonly SocketClient[], code: string): void {
    if (clients.length === 0) return;
    if (this.#closings.length === 0) setImmediate(() => this.#flush());
    for (const client of clients) this.#closings.push({ client, code });
  }

  #flush(): void {
    const closings = this.#closings;
    this.#closings = [];
    closeClients(closings, (error) =>
      this.#logger.error(`A listener threw while a socket was closed: ${String(asError(error))}`),
    );
  }
}
