import { SeededRandom } from '../random/seeded-random.js';

const IDS = ['A'.repeat(32), 'é'.repeat(32), 'A'.repeat(31), '', '~'];
const TYPES = ['created', 'signed-in', 'renewed', 'changed', 'signed-out', 'revoked', 'expired'];
const NAMES = ['sessionId', 'userId', 'at', 'fields', 'previousId', 'reason', 'isAdopted', 'extra'];

/** Messages as somebody would write them who may `PUBLISH` and means harm, or is only wrong; the same for a seed. */
export class HostileMessages {
  readonly #random: SeededRandom;

  /** @param ids of sessions that are there. */
  constructor(
    seed: number,
    private readonly ids: readonly string[],
  ) {
    this.#random = new SeededRandom(seed);
  }

  next(): string {
    const events = Array.from({ length: this.#random.below(3) }, () => this.#event());
    const whole = JSON.stringify({
      instance: this.#random.oneOf<unknown>(['h:1', '', 5, null]),
      events,
    });
    switch (this.#random.below(6)) {
      case 0:
        return this.#cut(whole);
      case 1:
        return JSON.stringify(this.#value(3));
      default:
        return JSON.stringify({ instance: 'h:1', events });
    }
  }

  /** A right event, of which a few properties are not. */
  #event(): unknown {
    const event: Record<string, unknown> = {
      type: this.#random.oneOf<unknown>(TYPES),
      sessionId: this.#random.oneOf<unknown>(this.ids),
      userId: this.#random.oneOf<unknown>(['alice', 'mallory', undefined]),
      at: 1_700_000_000_000,
      fields: ['note'],
      previousId: this.#random.oneOf<unknown>(this.ids),
      reason: this.#random.oneOf<unknown>(['revoked', 'evicted']),
    };
    for (let i = this.#random.below(3); i > 0; i--)
      event[this.#random.oneOf(NAMES)] = this.#value(2);
    if (this.#random.below(10) === 0) event['type'] = this.#value(2);
    return this.#random.below(20) === 0 ? this.#value(2) : event;
  }

  #value(depth: number): unknown {
    switch (this.#random.below(12)) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return this.#random.oneOf<unknown>([
          0,
          -1,
          1e308,
          8.64e15 + 1,
          0.5,
          Number.MAX_SAFE_INTEGER,
        ]);
      case 3:
        return this.#random.oneOf<unknown>([true, false]);
      case 4:
        return this.#random.oneOf<unknown>(IDS);
      case 5:
        return this.#random.oneOf<unknown>([
          '\u001b[2J',
          '\ud800',
          'a\nb',
          '\u0000',
          '__proto__',
          'x'.repeat(600),
        ]);
      case 6:
        return this.#random.oneOf<unknown>(this.ids);
      case 7:
        return depth > 0 ? [this.#value(depth - 1), this.#value(depth - 1)] : [];
      case 8:
        return JSON.parse('{"__proto__":{"toString":1},"then":1}') as unknown;
      default:
        return depth > 0 ? { a: this.#value(depth - 1), toString: null, length: 2 } : {};
    }
  }

  #cut(text: string): string {
    return text.slice(0, this.#random.below(text.length + 1));
  }
}
