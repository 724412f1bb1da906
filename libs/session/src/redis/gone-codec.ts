import type { GoneReason, GoneSession } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { checkOf } from './hash-codec.js';
import { OutOfStepError } from './store-error.js';

/** What `session-gone` says: why; where it went; and how, if not by `renew()`. */
export type GoneText =
  GoneReason | `renewed:${SessionId}` | `renewed:${SessionId}:${'alias' | 'signed-in'}`;

/**
 * Reads what is stored: the check of the session that ended, a blank, and what is said of it.
 *
 * @throws {OutOfStepError} when it is about another session: it could lead to somebody else's.
 */
export function readGone(id: SessionId, stored: string): GoneText {
  const check = `${checkOf(id)} `;
  if (stored.startsWith(check)) return stored.slice(check.length) as GoneText;
  throw new OutOfStepError();
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
