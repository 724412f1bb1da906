import { SessionError } from '../session.errors.js';
import type { FieldChange } from './changes.js';
import { asJson, decodeValue, encodeValue } from './json.js';
import { assertSynchronous } from './synchronous.js';

type Update = (current: unknown) => unknown;

/**
 * One field during one request: the text that Redis holds, and what was done to it since. A field is decoded when
 * it is first looked at, and encoded again only if it was changed or could have been changed in place.
 */
export class Field {
  #value: unknown;
  #isDecoded = false;
  #state: 'stored' | 'set' | 'removed' | 'added' | 'updated' = 'stored';
  #amount = 0;
  #updates: Update[] = [];

  constructor(
    readonly name: string,
    private stored: string | undefined,
    private readonly maxBytes = Infinity,
    /** Names of fields that take what JSON makes of a value. */
    private readonly loose: ReadonlySet<string> = new Set(),
  ) {}

  get value(): unknown {
    if (!this.#isDecoded) {
      this.#value = this.stored === undefined ? undefined : decodeValue(this.name, this.stored);
      this.#isDecoded = true;
    }
    return this.#value;
  }

  /** Whether it can be decoded; something else may have written it. */
  get isReadable(): boolean {
    try {
      void this.value;
      return true;
    } catch {
      return false;
    }
  }

  get exists(): boolean {
    return this.#isDecoded ? this.#value !== undefined : this.stored !== undefined;
  }

  set(value: unknown): void {
    // Encoded now, so that the error of a value that cannot be stored points at the line that set it.
    this.assertStorable(value);
    this.put(value);
  }

  /** @throws {SessionError} `SESSION_FORMAT` or `SESSION_TOO_LARGE` for a value that cannot be stored. */
  assertStorable(value: unknown): void {
    this.#encode(value);
  }

  /** @param value what {@link assertStorable} takes. */
  put(value: unknown): void {
    this.#become('set', value);
  }

  remove(): void {
    this.#become('removed', undefined);
  }

  add(amount: number): number {
    const before = this.value ?? 0;
    if (typeof before !== 'number') throw notANumber(this.name);
    if (!Number.isFinite(amount)) throw badAmount(this.name, amount);
    const after = before + amount;
    if (!Number.isFinite(after) || Math.abs(after) > Number.MAX_SAFE_INTEGER)
      throw tooLarge(this.name);
    if (this.#state === 'stored' || this.#state === 'added') {
      this.#amount += amount;
      this.#state = 'added';
    } else if (this.#state === 'updated') {
      this.#updates.push((current) => (typeof current === 'number' ? current : 0) + amount);
    } else {
      this.#state = 'set';
    }
    this.#value = after;
    return after;
  }

  update(change: Update): unknown {
    const isOverStored = this.#state === 'stored' && this.#inPlaceText() === undefined;
    if (this.#state === 'added') {
      const amount = this.#amount;
      this.#updates.push((current) => (typeof current === 'number' ? current : 0) + amount);
    }
    // A fresh copy: `change` may alter what it is given, and somebody may hold the value read before.
    const next = this.#run(change, isOverStored ? this.#fresh() : this.value);
    this.#encode(next);
    if (isOverStored || this.#state === 'added' || this.#state === 'updated') {
      this.#updates.push(change);
      this.#state = 'updated';
    } else {
      this.#state = 'set';
    }
    this.#value = next;
    this.#isDecoded = true;
    return next;
  }

  /** What is to be written, or `undefined` when Redis already holds it. Also finds objects altered in place. */
  change(): FieldChange | undefined {
    switch (this.#state) {
      case 'stored': {
        const text = this.#inPlaceText();
        return text === undefined ? undefined : { kind: 'set', text };
      }
      case 'set': {
        const text = this.#encode(this.#value);
        return text === this.stored ? undefined : { kind: 'set', text };
      }
      case 'removed':
        return this.stored === undefined ? undefined : { kind: 'remove' };
      case 'added':
        if (this.#amount === 0 && this.stored !== undefined) return undefined;
        return { kind: 'add', amount: this.#amount };
      case 'updated': {
        const text = this.#encode(this.#value);
        return text === this.stored ? undefined : { kind: 'replace', expected: this.stored, text };
      }
    }
  }

  /** Runs the updates again over what somebody else wrote meanwhile. */
  rebase(stored: string | undefined): void {
    this.stored = stored;
    this.#value = this.#updates.reduce<unknown>(
      (value, update) => this.#run(update, value),
      this.#fresh(),
    );
  }

  #run(update: Update, current: unknown): unknown {
    const next = update(current);
    assertSynchronous(next, `The function given to update("${this.name}")`);
    return next;
  }

  #become(state: 'set' | 'removed', value: unknown): void {
    this.#state = state;
    this.#value = value;
    this.#isDecoded = true;
    this.#updates = [];
    this.#amount = 0;
  }

  #encode(value: unknown): string {
    const given = this.loose.has(this.name) ? asJson(value) : value;
    return encodeValue(this.name, given, this.maxBytes);
  }

  #fresh(): unknown {
    return this.stored === undefined ? undefined : decodeValue(this.name, this.stored);
  }

  /** The new text of an object that was read and then altered in place. */
  #inPlaceText(): string | undefined {
    if (!this.#isDecoded || typeof this.#value !== 'object' || this.#value === null)
      return undefined;
    const text = textOrNone(this.#value);
    if (text !== undefined) {
      if (text === this.stored) return undefined;
      // What others wrote may be spaced or escaped otherwise: only a difference in content is a change.
      if (text === JSON.stringify(this.#fresh())) return undefined;
    }
    // Names the field, if it cannot be stored.
    return this.#encode(this.#value);
  }
}

/** `undefined` for what has no JSON, such as a `bigint`. */
function textOrNone(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function notANumber(field: string): SessionError {
  return new SessionError(
    'SESSION_FORMAT',
    `The session field "${field}" cannot be incremented: it does not hold a number. Set it to a number first.`,
  );
}

function badAmount(field: string, amount: number): SessionError {
  return new SessionError(
    'SESSION_FORMAT',
    `The session field "${field}" cannot be incremented by ${amount}. Give a finite number.`,
  );
}

function tooLarge(field: string): SessionError {
  return new SessionError(
    'SESSION_FORMAT',
    `The session field "${field}" cannot be incremented: the sum is beyond 2^53, where numbers lose digits.`,
  );
}
