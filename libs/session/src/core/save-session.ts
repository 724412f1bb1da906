import { setTimeout as wait } from 'node:timers/promises';
import { SessionError } from '../session.errors.js';
import type { SessionOutcome } from './outcome.js';
import type { Session } from './session.js';
import type { SessionSaveMessage } from './session-channels.js';
import type { SessionRepository } from './session-repository.js';
import type { SessionId } from './token.js';
import { saves, trace } from './trace.js';
import { writeOutcome } from './write-outcome.js';

const MAX_ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 64;

/**
 * Saves what a request did, and gives back what was decided. An `update` that met somebody else's write runs again
 * on what they wrote, at most 20 times; the pauses grow and are random, so that writers get out of each other's way.
 *
 * @throws {SessionError} `SESSION_GONE` when the session ended meanwhile: nothing was written.
 * @throws {SessionError} `SESSION_CONFLICT` when others kept writing: nothing was written.
 * @throws {SessionError} `SESSION_STORE` when the store did not answer: it may or may not have been written. Also when
 * a write is not as durable as was asked for.
 */
export function saveSession(
  repository: SessionRepository,
  session: Session,
  decided: SessionOutcome = session.seal(),
): Promise<SessionOutcome> {
  if (!saves.hasSubscribers) return save(repository, session, decided);
  return traceSave(repository, session, decided);
}

function traceSave(
  repository: SessionRepository,
  session: Session,
  decided: SessionOutcome,
): Promise<SessionOutcome> {
  const message: SessionSaveMessage = { conflicts: 0 };
  const act = () => save(repository, session, decided, message);
  return trace(saves, message, act, ({ kind }) => kind);
}

async function save(
  repository: SessionRepository,
  session: Session,
  decided: SessionOutcome,
  message?: SessionSaveMessage,
): Promise<SessionOutcome> {
  let outcome = decided;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await writeOutcome(storeFor(outcome, repository), session, outcome);
    if (result.kind === 'saved') return outcome;
    if (result.kind === 'elsewhere') return { kind: 'unchanged' };
    if (result.kind === 'gone') throw isSignIn(outcome) ? signInVoid() : sessionGone();
    if (result.kind === 'limit') throw limitReached();
    if (message) message.conflicts++;
    if (result.movedTo) return finishMove(repository, session, result.movedTo, result.current);
    const current =
      attempt < 3 ? result.current : await laterLook(repository, result, outcome, attempt);
    outcome = session.rebase(current);
  }
  throw new SessionError(
    'SESSION_CONFLICT',
    `A session field was written by others each time, ${MAX_ATTEMPTS} times in a row, so the update was given up. Try again, or split the field into several.`,
  );
}

function storeFor(outcome: SessionOutcome, repository: SessionRepository): SessionRepository {
  const durability = 'durability' in outcome ? outcome.durability : undefined;
  return durability ? repository.durable(durability) : repository;
}

/** Nobody but this request knows of the new session yet: what it computed from an old text is computed again, and fits. */
async function finishMove(
  repository: SessionRepository,
  session: Session,
  movedTo: SessionId,
  current: ReadonlyMap<string, string | undefined>,
): Promise<SessionOutcome> {
  const outcome = session.rebase(current);
  if (outcome.kind !== 'renewed') return outcome;
  const rest = [...outcome.changes].filter(([field]) => current.has(field));
  const { kind } = await storeFor(outcome, repository).commit(movedTo, new Map(rest));
  if (kind !== 'saved') throw sessionGone();
  return outcome;
}

/**
 * Most conflicts are between two, and are over at once. Where there are more, each waits for a random time and then
 * looks again: what the refusal said is old by then.
 */
async function laterLook(
  repository: SessionRepository,
  { current }: { readonly current: ReadonlyMap<string, string | undefined> },
  outcome: SessionOutcome,
  attempt: number,
): Promise<ReadonlyMap<string, string | undefined>> {
  await wait(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
  const id = idOf(outcome);
  const record = id && (await repository.read(id));
  if (!record) return current;
  return new Map([...current.keys()].map((field) => [field, record.fields.get(field)]));
}

function idOf(outcome: SessionOutcome): SessionId | undefined {
  if (outcome.kind === 'changed') return outcome.id;
  return outcome.kind === 'renewed' ? outcome.from.id : undefined;
}

/** Of a session that was there when the request began. */
export function sessionGone(): SessionError {
  return new SessionError(
    'SESSION_GONE',
    'The session ended while this request was under way, so nothing was saved. Sign in again.',
  );
}

function isSignIn(outcome: SessionOutcome): boolean {
  if (outcome.kind === 'created') return outcome.next.userId !== undefined;
  return outcome.kind === 'renewed' && outcome.isAuthenticated;
}

/** The id of a session that begins is never taken, so there is one reason only. */
function signInVoid(): SessionError {
  return new SessionError(
    'SESSION_GONE',
    'The sign-in was refused, because the user was signed out everywhere after this request had begun: the password may have been checked before. Sign in again. If this request itself called revokeAllOfUser(userId), call revokeAllOfUser(userId, { except: session }) instead; then it can sign the user in.',
  );
}

function limitReached(): SessionError {
  return new SessionError(
    'SESSION_LIMIT',
    'This user has as many sessions as they may (maxSessionsPerUser), so nobody was signed in. Sign out on another device first.',
  );
}
