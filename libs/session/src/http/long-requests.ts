import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionSettings } from '../session.settings.js';

/** A timer can be no longer than 24 days, and one that runs too often does no harm. */
const LONGEST_PERIOD_MS = 3_600_000;

/** A request that may have a session. */
export interface LongRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** @returns `false` when there is no session to keep alive. */
  keepAlive(): Promise<boolean>;
}

/**
 * Keeps the sessions of requests alive that take longer than half of the idle timeout, such as an upload. One timer for all
 * requests of the process; a shorter request costs an entry in a map.
 */
export class LongRequests {
  /** Since when the idle timeout of each runs, by `performance.now()`; the longest first. */
  readonly #open = new Map<LongRequest, number>();
  readonly #halfMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ lifetime, rememberedLifetime }: SessionSettings) {
    const shortest = Math.min(lifetime.idleSeconds, rememberedLifetime.idleSeconds);
    this.#halfMs = (shortest * 1000) / 2;
  }

  begin(request: LongRequest): void {
    const { cookie, upgrade, 'x-session-token': token } = request.request.headers;
    if (cookie === undefined && token === undefined) return;
    // What becomes a web socket is open without its visitor, too.
    if (upgrade !== undefined) return;
    const periodMs = Math.min(this.#halfMs / 2, LONGEST_PERIOD_MS);
    this.#timer ??= setInterval(() => this.#look(), periodMs).unref();
    this.#open.set(request, performance.now());
    request.response.once('close', () => this.#open.delete(request));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const [request, since] of this.#open) {
      if (now - since < this.#halfMs) return;
      this.#open.delete(request);
      if (request.response.writableFinished || isEventStream(request)) continue;
      this.#open.set(request, now);
      this.#keep(request);
    }
  }

  #keep(request: LongRequest): void {
    request.keepAlive().then(
      (isAlive) => isAlive || this.#open.delete(request),
      // The store is away, which is said elsewhere. There is time for another look.
      () => undefined,
    );
  }
}

/** Open for as long as a page is, whether its visitor is there or not. */
function isEventStream({ request, response }: LongRequest): boolean {
  const asked = request.headers.accept;
  const answered = response.getHeader('content-type');
  return [asked, answered].some((type) => String(type).startsWith('text/event-stream'));
}
