import { setTimeout as wait } from 'node:timers/promises';
import { SessionError } from '../session.errors.js';
import { applyChanges } from './changes.js';
import { fieldsAfter, type SessionOutcome } from './outcome.js';
import type { Session } from './session.js';
import type { SessionRepository, WriteResult } from './session-repository.js';
import type { SessionId } from './token.js';

const MAX_ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 64;

/**
 * Saves what a request did, and gives back what was decided. An `update` that met somebody else's write runs again
 * on what they wrote, at most 20 times; the pauses grow and are random, so that writers get out of each other's way.
 *
 * @throws {SessionError} `SESSION_GONE` when the session ended meanwhile: nothing was written.
 * @throws {SessionError} `SESSION_CONFLICT` when others kept writing: nothing was written.
 * @throws {SessionError} `SESSION_STORE` when the store did not answer: it may or may not have been written.
 */
export async function saveSession(
  repository: SessionRepository,
  session: Session,
  decided: SessionOutcome = session.seal(),
): Promise<SessionOutcome> {
  let outcome = decided;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await write(repository, session, outcome);
    if (result.kind === 'saved') return outcome;
    if (result.kind === 'gone') throw gone();
    outcome = session.rebase(result.current);
    await pauseAfter(attempt);
  }
  throw new SessionError(
    'SESSION_CONFLICT',
    `A session field was written by others each time, ${MAX_ATTEMPTS} times in a row, so the update was given up. Try again, or split the field into several.`,
  );
}

async function write(
  repository: SessionRepository,
  session: Session,
  outcome: SessionOutcome,
): Promise<WriteResult> {
  switch (outcome.kind) {
    case 'unchanged':
      return { kind: 'saved' };
    case 'created':
      // The token was replaced while this request was under way. A new session would take the place of the one
      // that the browser now holds. Signing in is an act of its own and may.
      if (session.goneReason === 'renewed' && outcome.next.userId === undefined)
        return { kind: 'gone' };
      return repository.create(outcome.next, applyChanges(new Map(), outcome.changes));
    case 'changed':
      return repository.commit(outcome.id, outcome.changes);
    case 'renewed': {
      const result = await repository.renew(outcome);
      // Signed in twice at once: the other request has moved the session. This one begins its own.
      if (result.kind !== 'gone' || !outcome.isAuthenticated) return result;
      return repository.create(outcome.next, fieldsAfter(outcome));
    }
    case 'destroyed':
      await end(repository, outcome.from.id, outcome.from.userId);
      return { kind: 'saved' };
  }
}

/** Signing out is meant for the session, whatever its token is by now: another request may just have renewed it. */
async function end(
  repository: SessionRepository,
  id: SessionId,
  userId: string | undefined,
): Promise<void> {
  if ((await repository.revoke([id], userId, 'signed-out')) > 0) return;
  const successor = (await repository.whyGone(id))?.successor;
  if (successor) await end(repository, successor, userId);
}

/** The first retries come at once: most conflicts are between two. */
async function pauseAfter(attempt: number): Promise<void> {
  if (attempt > 2) await wait(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
}

function gone(): SessionError {
  return new SessionError(
    'SESSION_GONE',
    'The session ended while this request was under way, so nothing was saved. Sign in again.',
  );
}
