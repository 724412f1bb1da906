import type { SessionChanges } from '../core/changes.js';
import type { SessionId } from '../core/token.js';
import { type Texts, UNKNOWN } from './session-texts.js';

const KNOWN = Symbol('nestjs-redis-session:known');
const STARTED = Symbol('nestjs-redis-session:started');

/** What Redis holds of a session, as its request knows. */
export interface KnownSession {
  readonly id: SessionId;
  readonly texts: Texts;
  readonly userId: string | undefined;
  /** When its time to live began to count, by the clock of Redis. */
  readonly seenAt: number;
}

/**
 * It lies with the session object, under a symbol that neither JSON nor a copy takes along: it is gone with the request.
 *
 * @returns `undefined` for an object that was not read here, or was read under another id.
 */
export function knownOf(session: object, id: SessionId): KnownSession | undefined {
  const known = (session as { [KNOWN]?: KnownSession })[KNOWN];
  return known?.id === id ? known : undefined;
}

export function setKnown(session: object, known: KnownSession): void {
  Object.defineProperty(session, KNOWN, { value: known, configurable: true, enumerable: false });
}

/** express-session makes another object out of what was read. */
export function passOnKnown(from: object, to: object): void {
  const known = (from as { [KNOWN]?: KnownSession })[KNOWN];
  if (known) setKnown(to, known);
}

/** After a write of which it is not known whether it was carried out: these fields are written again the next time. */
export function withDoubts(known: KnownSession, changes: SessionChanges): KnownSession {
  const texts = new Map(known.texts);
  for (const [name, { kind }] of changes) if (kind === 'set') texts.set(name, UNKNOWN);
  return { ...known, texts };
}

/** Notes when a request first came to its session: whoever signs in by it has proved who they are after that. */
export function noteStart(request: object): void {
  if (STARTED in request) return;
  Object.defineProperty(request, STARTED, { value: performance.now(), enumerable: false });
}

/** By the monotonic clock of this process. */
export function startOf(session: object): number {
  const { req } = session as { req?: { [STARTED]?: number } };
  return req?.[STARTED] ?? performance.now();
}
