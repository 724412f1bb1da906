import type { Server, WebSocket } from 'ws';

/** Below the minute after which nginx, and others, give up a connection on which nothing is said. */
const EVERY_MS = 30_000;

/** Keeps quiet sockets open across proxies, and drops those whose other end went away without a word. */
export class Heartbeat {
  readonly #unanswered = new WeakSet<WebSocket>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly server: Server,
    everyMs = EVERY_MS,
  ) {
    this.#timer = setInterval(() => this.#beat(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    for (const socket of this.server.clients) {
      if (this.#unanswered.has(socket)) socket.terminate();
      else this.#ask(socket);
    }
  }

  #ask(socket: WebSocket): void {
    this.#unanswered.add(socket);
    socket.once('pong', () => this.#unanswered.delete(socket));
    socket.ping();
  }
}
