import type { Lap, Stopwatch } from '../../support/stopwatch.js';
import { quantile } from './quantile.js';

/**
 * What must never be: `lost` an acknowledged write or sign-in, `undone` an acknowledged end of a session, `foreign` a
 * value of somebody else, `double` an effect that came twice, `cookie` a cookie touched by a refusal, `error` an answer
 * that is neither a yes nor an honest no.
 */
export type WrongKind = 'lost' | 'undone' | 'foreign' | 'double' | 'cookie' | 'error';

/** What was answered with yes, and when. */
export interface Promised {
  readonly deed: 'sign-in' | 'sign-out' | 'write';
  readonly at: number;
}

export interface Wrong {
  readonly kind: WrongKind;
  readonly what: string;
  /** What the answer said yes to that is lost or undone: a failover may cost what its replica did not have. */
  readonly promised?: Promised | undefined;
}

/** A request that was not carried out, or not for certain. */
export interface Refusal {
  readonly begunAt: number;
  readonly endedAt: number;
  /** How much of the time between the two the machine has added. */
  readonly delayMs: number;
}

/** What a crowd of visitors was told, counted. */
export class Ledger {
  readonly wrongs: Wrong[] = [];
  requests = 0;
  /** Answers that said yes. */
  yes = 0;
  /** 503, and connections that broke. */
  readonly refusals: Refusal[] = [];
  signIns = 0;
  /** Every token that a cookie has carried. */
  readonly tokens = new Set<string>();
  signOuts = 0;
  /** How long each answer took. */
  readonly laps: Lap[] = [];
  /** Runs while the crowd is at work. */
  stopwatch: Stopwatch | undefined;
  #onYes: (() => void) | undefined;

  wrong(kind: WrongKind, what: string, promised?: Promised): void {
    this.wrongs.push({ kind, what, promised });
  }

  answered(kind: 'yes' | 'stranger' | 'refused', lap: Lap): void {
    this.requests++;
    this.laps.push(lap);
    if (kind === 'refused') {
      const endedAt = performance.now();
      this.refusals.push({ begunAt: endedAt - lap.tookMs, endedAt, delayMs: lap.delayMs });
    }
    if (kind !== 'yes') return;
    this.yes++;
    this.#onYes?.();
    this.#onYes = undefined;
  }

  get refused(): number {
    return this.refusals.length;
  }

  issued(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const token = /^[^=]+=([^;]+)/.exec(line)?.[1];
      if (token) this.tokens.add(token);
    }
  }

  /** How long it takes from now on until the next answer that says yes. */
  nextYes(): Promise<Lap> {
    const lap = this.stopwatch!.start();
    return new Promise((resolve) => (this.#onYes = () => resolve(lap())));
  }

  /** For a figure: what the machine adds is part of it. */
  get slowestMs(): number {
    return Math.max(0, ...this.laps.map(({ tookMs }) => tookMs));
  }

  /** For a bound: without what the machine adds. */
  get slowestOwnMs(): number {
    return Math.max(0, ...this.laps.map(({ ownMs }) => ownMs));
  }

  /** For a figure. @param share such as 0.99 */
  quantileMs(share: number): number {
    return quantile(
      this.laps.map(({ tookMs }) => tookMs),
      share,
    );
  }

  /** For a bound. @param share such as 0.99 @param since only of requests that were sent after it, by `performance.now()`. */
  quantileOwnMs(share: number, since = 0): number {
    const laps = this.laps.filter(({ startedAt }) => startedAt >= since);
    return quantile(
      laps.map(({ ownMs }) => ownMs),
      share,
    );
  }

  of(...kinds: WrongKind[]): string[] {
    return this.wrongs.filter(({ kind }) => kinds.includes(kind)).map(({ what }) => what);
  }
}
