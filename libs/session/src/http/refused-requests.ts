import { Logger } from '@nestjs/common';
import type { SessionError } from '../session.errors.js';

const SUMMARY_EACH_MS = 10_000;
/** How many reasons are told apart, and how many of them a line names. */
const MOST_REASONS = 100;
const REASONS_NAMED = 3;

const logger = new Logger('Session');

/** Requests that were refused since the last line. */
class Refused {
  #sum = 0;
  readonly #byReason = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#sum === 0;
  }

  add(reason: string): void {
    this.#sum++;
    const count = this.#byReason.get(reason) ?? 0;
    if (count > 0 || this.#byReason.size < MOST_REASONS) this.#byReason.set(reason, count + 1);
  }

  toString(): string {
    const named = [...this.#byReason].toSorted(([, a], [, b]) => b - a).slice(0, REASONS_NAMED);
    const others = named.reduce((left, [, count]) => left - count, this.#sum);
    const were = this.#sum === 1 ? 'request was' : 'requests were';
    return [
      `${this.#sum} more ${were} refused.`,
      ...named.map(([reason, count]) => `${count}: ${reason}`),
      ...(others > 0 ? [`${others} for other reasons.`] : []),
    ].join(' ');
  }
}

/** `undefined` while none are refused. */
let refused: Refused | undefined;
let timer: NodeJS.Timeout | undefined;

/**
 * The visitor is told that it does not work, and not why: that is for the log. In an outage each request fails for the same
 * reason, so the first refusal is one line, and the others are one line every ten seconds.
 */
export function logRefusal({ message }: SessionError): void {
  if (refused) return refused.add(message);
  logger.warn(message);
  begin();
}

/** Of errors that the application may cause and catch, only an outage is worth a line. */
export function logOutage(error: SessionError): void {
  if (error.statusCode === 503) logRefusal(error);
}

/** Tells what an instance that ends has not told yet. */
export function logRefusalsNow(): void {
  clearTimeout(timer);
  tell();
  refused = undefined;
}

function begin(): void {
  refused = new Refused();
  timer = setTimeout(summarise, SUMMARY_EACH_MS);
  timer.unref();
}

function summarise(): void {
  const isOver = refused?.isEmpty;
  logRefusalsNow();
  if (!isOver) begin();
}

function tell(): void {
  if (refused && !refused.isEmpty) logger.warn(String(refused));
}
