import type { SessionChanges } from './changes.js';
import { fieldsAfter, type Renewal, type SessionOutcome } from './outcome.js';
import type { Session } from './session.js';
import type { SessionRepository, WriteResult } from './session-repository.js';
import type { SessionId } from './token.js';

type Written = WriteResult | { readonly kind: 'elsewhere' };

/**
 * Writes what was decided, wherever the session is by now: another request may have renewed it.
 *
 * @returns `elsewhere` where another request has done it already.
 */
export async function writeOutcome(
  repository: SessionRepository,
  session: Session,
  outcome: SessionOutcome,
): Promise<Written> {
  switch (outcome.kind) {
    case 'unchanged':
      return { kind: 'saved' };
    case 'created':
      // The token ended a short while ago, so this request set out before: a new session would take the place of the
      // one that the browser may hold by now. Signing in is an act of its own and may.
      if (session.goneReason && outcome.next.userId === undefined) return { kind: 'gone' };
      return repository.create(outcome.next, outcome.fields);
    case 'changed':
      return commit(repository, outcome.id, outcome.changes);
    case 'renewed':
      return renew(repository, outcome);
    case 'destroyed':
      // What another request has ended is not this request's to take from the browser.
      return {
        kind: (await end(repository, outcome.from.id, outcome.from.userId)) ? 'saved' : 'elsewhere',
      };
  }
}

/** Gives a session its new token, unless another request was quicker. */
async function renew(repository: SessionRepository, renewal: Renewal): Promise<Written> {
  const result = await repository.renew(renewal);
  if (result.kind !== 'gone') return result;
  // Signed in twice at once: this request begins a session of its own.
  if (renewal.isAuthenticated) return begin(repository, renewal);
  // Renewed twice at once: one new token is enough, and the other request has it.
  const written = await commit(repository, renewal.from.id, renewal.changes);
  return written.kind === 'saved' ? { kind: 'elsewhere' } : written;
}

/** The old session is another request's by now, or the sign-in was refused for a moment: then it is there still. */
async function begin(repository: SessionRepository, renewal: Renewal): Promise<WriteResult> {
  const { from, next } = renewal;
  const created = await repository.create(next, fieldsAfter(renewal));
  if (created.kind === 'saved') await repository.revoke([from.id], from.userId, 'signed-out');
  return created;
}

/** Writes to a session, or to where a renewal has moved it meanwhile. */
async function commit(
  repository: SessionRepository,
  id: SessionId,
  changes: SessionChanges,
): Promise<WriteResult> {
  const result = await repository.commit(id, changes);
  if (result.kind !== 'gone') return result;
  const successor = (await repository.whyGone(id))?.successor;
  return successor ? commit(repository, successor, changes) : result;
}

/** Signing out is meant for the session, whatever its token is by now: another request may just have renewed it. */
async function end(
  repository: SessionRepository,
  id: SessionId,
  userId: string | undefined,
): Promise<boolean> {
  if ((await repository.revoke([id], userId, 'signed-out')) > 0) return true;
  const gone = await repository.whyGone(id);
  if (gone?.successor) return end(repository, gone.successor, userId);
  // Revoked, perhaps by this very request, which signs its user out everywhere and then here.
  return gone?.reason === 'revoked';
}
