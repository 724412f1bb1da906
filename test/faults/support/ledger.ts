import { quantile } from './quantile.js';

/**
 * What must never be: `lost` an acknowledged write or sign-in, `undone` an acknowledged end of a session, `foreign` a
 * value of somebody else, `double` an effect that came twice, `cookie` a cookie touched by a refusal, `error` an answer
 * that is neither a yes nor an honest no.
 */
export type WrongKind = 'lost' | 'undone' | 'foreign' | 'double' | 'cookie' | 'error';

export interface Wrong {
  readonly kind: WrongKind;
  readonly what: string;
}

/** What a crowd of visitors was told, counted. */
export class Ledger {
  readonly wrongs: Wrong[] = [];
  requests = 0;
  /** Answers that said yes. */
  yes = 0;
  /** 503, and connections that broke. */
  refused = 0;
  signIns = 0;
  /** Every token that a cookie has carried. */
  readonly tokens = new Set<string>();
  signOuts = 0;
  /** How long each answer took. */
  readonly tookMs: number[] = [];
  #lastRefusalAt = 0;
  #firstYesSince: number | undefined;

  wrong(kind: WrongKind, what: string): void {
    this.wrongs.push({ kind, what });
  }

  answered(kind: 'yes' | 'stranger' | 'refused', tookMs: number): void {
    this.requests++;
    this.tookMs.push(tookMs);
    if (kind === 'refused') {
      this.refused++;
      this.#lastRefusalAt = performance.now();
    }
    if (kind !== 'yes') return;
    this.yes++;
    this.#firstYesSince ??= performance.now();
  }

  issued(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const token = /^[^=]+=([^;]+)/.exec(line)?.[1];
      if (token) this.tokens.add(token);
    }
  }

  /** From now on the next yes is waited for. */
  watchForYes(): void {
    this.#firstYesSince = undefined;
  }

  /** When, by `performance.now()`, the first yes came since then. */
  get firstYesAt(): number | undefined {
    return this.#firstYesSince;
  }

  get lastRefusalAt(): number {
    return this.#lastRefusalAt;
  }

  get slowestMs(): number {
    return Math.max(0, ...this.tookMs);
  }

  /** @param share such as 0.99 */
  quantileMs(share: number): number {
    return quantile(this.tookMs, share);
  }

  of(...kinds: WrongKind[]): string[] {
    return this.wrongs.filter(({ kind }) => kinds.includes(kind)).map(({ what }) => what);
  }
}
