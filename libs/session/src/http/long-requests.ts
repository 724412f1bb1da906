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

/** A request that is under way. */
interface Open {
  readonly of: LongRequest;
  /** Since when its idle timeout runs, by `performance.now()`. */
  since: number;
  /** Where it stands in the list. */
  place: number;
}

/**
 * Keeps the sessions of requests alive that take longer than half of the idle timeout, such as an upload. One timer for all
 * requests of the process; a shorter request costs a place in a list.
 */
export class LongRequests {
  /**
   * In no order. Not a Map: V8 links the tables that one outgrows, so entries that were deleted stay in memory until a full
   * collection. Measured, a request cost half as much CPU again.
   */
  readonly #open: Open[] = [];
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
    const open = { of: request, since: performance.now(), place: this.#open.length };
    this.#open.push(open);
    request.response.once('close', () => this.#forget(open));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    for (const open of this.#open.filter(({ since }) => now - since >= this.#halfMs)) {
      if (open.of.response.writableFinished || isEventStream(open.of)) this.#forget(open);
      else this.#keep(open, now);
    }
  }

  #keep(open: Open, now: number): void {
    open.since = now;
    open.of.keepAlive().then(
      (isAlive) => isAlive || this.#forget(open),
      // The store is away, which is said elsewhere. There is time for another look.
      () => undefined,
    );
  }

  /** The last one takes its place. */
  #forget(open: Open): void {
    if (this.#open[open.place] !== open) return;
    const last = this.#open.pop()!;
    if (last === open) return;
    last.place = open.place;
    this.#open[open.place] = last;
  }
}

/** Open for as long as a page is, whether its visitor is there or not. */
function isEventStream({ request, response }: LongRequest): boolean {
  const asked = request.headers.accept;
  const answered = response.getHeader('content-type');
  return [asked, answered].some((type) => String(type).startsWith('text/event-stream'));
}
