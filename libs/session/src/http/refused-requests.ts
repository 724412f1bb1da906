import { Logger } from '@nestjs/common';
import type { SessionError } from '../session.errors.js';

const SUMMARY_EACH_MS = 10_000;
/** How many reasons are told apart, each with a line of its own, and how many of them a summary names. */
const MOST_REASONS = 10;
const REASONS_NAMED = 3;

const logger = new Logger('Session');

/** Requests that were refused since the last summary, and the reasons that have had a line of their own. */
class Refused {
  #sum = 0;
  readonly #byReason = new Map<string, number>();

  get isEmpty(): boolean {
    return this.#sum === 0;
  }

  /** @returns whether the reason is new: then it gets a line, and is not counted. */
  add(reason: string): boolean {
    const count = this.#byReason.get(reason);
    if (count === undefined && this.#byReason.size < MOST_REASONS) {
      this.#byReason.set(reason, 0);
      return true;
    }
    this.#sum++;
    if (count !== undefined) this.#byReason.set(reason, count + 1);
    return false;
  }

  /** The reasons are still known. */
  startAnew(): void {
    this.#sum = 0;
    for (const reason of this.#byReason.keys()) this.#byReason.set(reason, 0);
  }

  toString(): string {
    const counted = [...this.#byReason].filter(([, count]) => count > 0);
    const named = counted.toSorted(([, a], [, b]) => b - a).slice(0, REASONS_NAMED);
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
 * reason, so the first refusal for each reason is one line, and the others are one line every ten seconds.
 */
export function logRefusal({ message }: SessionError): void {
  if (!refused) {
    refused = new Refused();
    summariseLater();
  }
  if (refused.add(message)) logger.warn(message);
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

function summariseLater(): void {
  timer = setTimeout(summarise, SUMMARY_EACH_MS).unref();
}

function summarise(): void {
  if (!refused || refused.isEmpty) return logRefusalsNow();
  tell();
  refused.startAnew();
  summariseLater();
}

function tell(): void {
  if (refused && !refused.isEmpty) logger.warn(String(refused));
}
