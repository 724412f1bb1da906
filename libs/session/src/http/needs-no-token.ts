import type { SessionOutcome } from '../core/outcome.js';
import { sessionGone } from '../core/save-session.js';
import type { Session } from '../core/session.js';
import { SessionError } from '../session.errors.js';

/**
 * Where no token reaches the visitor, a session that begins or is renewed would be lost to them.
 *
 * @throws {SessionError} `SESSION_STATE` for that; `SESSION_GONE` where the session that was written to has ended meanwhile.
 */
export function assertNeedsNoToken(outcome: SessionOutcome, { goneReason }: Session): void {
  if (outcome.kind !== 'created' && outcome.kind !== 'renewed') return;
  const act = actOf(outcome);
  if (goneReason && act === WRITE) throw sessionGone();
  throw new SessionError(
    'SESSION_STATE',
    `${act} needs a new token, and the answer here cannot carry one to the browser, so nothing was saved. Do it in an HTTP request.`,
  );
}

const WRITE = "Writing to a stranger's session";

function actOf(outcome: SessionOutcome & { readonly kind: 'created' | 'renewed' }): string {
  if (outcome.kind === 'created') return outcome.next.userId === undefined ? WRITE : 'signIn()';
  return outcome.isAuthenticated ? 'signIn() or reauthenticated()' : 'renew()';
}
