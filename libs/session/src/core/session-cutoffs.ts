import { isFieldName } from '../field-name.js';
import { SessionError } from '../session.errors.js';
import type { SessionRecord } from './record.js';

/** One field of the application and the JSON text that it holds. */
export interface FieldText {
  /** Its name. */
  readonly field: string;
  /** As it is stored. */
  readonly text: string;
}

/** A cutoff as {@link SessionRepository.revokeAll} takes it. */
export interface CutoffRequest {
  /** Sessions from before this moment are invalid, in epoch milliseconds. */
  readonly before: number;
  /** Only sessions in which a field holds this. */
  readonly where: FieldText | undefined;
  /** Whether sessions of guests are invalid as well. */
  readonly guests: boolean;
}

/** How far a moment may be ahead of the clock of the store. It counts as now. */
export const MOST_AHEAD_MS = 60_000;

/** So many cutoffs with a `where`: each instance keeps them all. One for all users is never one too many. */
export const MOST_CUTOFFS = 1000;

/** A longer text is no name of a tenant. */
export const LONGEST_TEXT = 1024;

const KINDS = ['users', 'guests'] as const;
type Kind = (typeof KINDS)[number];

/** The cutoffs of one kind: for all sessions, and by field and text. */
interface OfKind {
  all: number;
  readonly byField: Map<string, Map<string, number>>;
}

/** The sessions that a cutoff is for, as a text: `users`, or `guests {"tenant":"acme"}`. */
export function scopesOf({ where, guests }: Omit<CutoffRequest, 'before'>): string[] {
  const kinds: Kind[] = guests ? ['users', 'guests'] : ['users'];
  const suffix = where ? ` {${JSON.stringify(where.field)}:${where.text}}` : '';
  return kinds.map((kind) => kind + suffix);
}

/** The moments before which sessions are invalid. Does not change; another one takes its place. */
export class SessionCutoffs {
  static readonly NONE = new SessionCutoffs([]);

  /** The fields of the application that have to be known of a session to judge it. */
  readonly fields: readonly string[];
  /** The latest moment. */
  readonly latest: number;
  /** Scopes that cannot be read. They have no effect. */
  readonly unreadable: number;
  readonly #users: OfKind = { all: 0, byField: new Map() };
  readonly #guests: OfKind = { all: 0, byField: new Map() };

  /** @param entries scopes, as {@link scopesOf} spells them, with their moments. */
  constructor(entries: Iterable<readonly [scope: string, moment: number]>) {
    let latest = 0;
    let unreadable = 0;
    for (const [scope, moment] of entries) {
      if (this.#add(scope, moment)) latest = Math.max(latest, moment);
      else unreadable++;
    }
    this.latest = latest;
    this.unreadable = unreadable;
    this.fields = [...new Set([...this.#users.byField.keys(), ...this.#guests.byField.keys()])];
  }

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.latest === 0;
  }

  /** @param record with at least the {@link fields}. */
  isVoid({ userId, authenticatedAt, createdAt, fields }: SessionRecord): boolean {
    if (this.isEmpty) return false;
    const isGuest = userId === undefined;
    const { all, byField } = isGuest ? this.#guests : this.#users;
    const since = isGuest ? createdAt : (authenticatedAt ?? 0);
    if (since < all) return true;
    for (const [field, byText] of byField) {
      const text = fields.get(field);
      if (text === undefined) continue;
      const moment = byText.get(text) ?? byText.get(canonical(text));
      if (moment !== undefined && since < moment) return true;
    }
    return false;
  }

  #add(scope: string, moment: number): boolean {
    const [, kind, json] = /^(users|guests)(?: (.*))?$/s.exec(scope) ?? [];
    if (kind === undefined) return false;
    const ofKind = kind === 'users' ? this.#users : this.#guests;
    if (json === undefined) {
      ofKind.all = Math.max(ofKind.all, moment);
      return true;
    }
    const where = whereOf(json);
    if (!where) return false;
    const byText = ofKind.byField.get(where.field) ?? new Map<string, number>();
    ofKind.byField.set(where.field, byText.set(where.text, moment));
    return true;
  }
}

export function cutoffInTheFuture(): SessionError {
  return new SessionError(
    'SESSION_STATE',
    `revokeAll() was given a moment (before) that is more than ${MOST_AHEAD_MS / 1000} seconds in the future by the clock of Redis. Nothing was ended. Pass a moment in the past, or Date.now().`,
  );
}

export function tooManyCutoffs(): SessionError {
  return new SessionError(
    'SESSION_STATE',
    `revokeAll() keeps ${MOST_CUTOFFS} cutoffs with where at most, and there are as many. Nothing was ended. Call it without where, or end the sessions by SessionSearch.revokeWhere().`,
  );
}

/** @returns the text of a value that can be compared: a string, a finite number or a boolean. */
export function comparableText(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  return ['string', 'number', 'boolean'].includes(typeof value) ? JSON.stringify(value) : undefined;
}

/** The text as this library writes it, where something else has written the field. */
function canonical(text: string): string {
  // What is written most: it has one form.
  if (/^"[^"\\]*"$/.test(text)) return text;
  try {
    return comparableText(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}

function whereOf(json: string): FieldText | undefined {
  try {
    const [[field, value] = [], ...others] = Object.entries(JSON.parse(json) as object);
    const text = comparableText(value);
    if (field === undefined || text === undefined || others.length > 0) return undefined;
    return isFieldName(field) ? { field, text } : undefined;
  } catch {
    return undefined;
  }
}
