import type { GoneReason, GoneSession } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { checkOf } from './hash-codec.js';

/** What `session-gone` says: why; where it went; and how, if not by `renew()`. */
export type GoneText =
  GoneReason | `renewed:${SessionId}` | `renewed:${SessionId}:${'alias' | 'signed-in'}`;

/**
 * Reads what is stored: the check of the session that ended, a blank, and what is said of it.
 *
 * @returns `undefined` when it is about another session, or no such text: something else wrote it, and it could lead to the session
 *   of another visitor.
 */
export function readGone(id: SessionId, stored: string): GoneText | undefined {
  const check = `${checkOf(id)} `;
  return stored.startsWith(check) ? (stored.slice(check.length) as GoneText) : undefined;
}

export function goneOfText(text: GoneText): GoneSession {
  const [reason, to, how] = text.split(':') as [GoneReason, SessionId?, ('alias' | 'signed-in')?];
  const isSignIn = how === 'signed-in';
  return {
    reason,
    successor: isSignIn ? undefined : to,
    signedInAs: isSignIn ? to : undefined,
    isAlias: how === 'alias',
  };
}

export function reasonOf(text: GoneText): GoneReason {
  return text.split(':', 1)[0] as GoneReason;
}
