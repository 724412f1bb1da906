import type { SessionRecord } from '../../libs/session/src/core/record.js';
import { createToken, idOfToken } from '../../libs/session/src/core/token.js';
import { RestingError } from '../../libs/session/src/redis/store-error.js';
import { SessionError } from '../../libs/session/src/session.errors.js';
import { eventually } from '../support/eventually.js';
import type { StormInstance } from '../support/storm-site.js';
import type { Operation } from './session-model.js';

/** These ask one thing of Redis, or nothing that leaves a trace before it: what was not sent did nothing. */
const ONE_STEP = new Set(['read', 'commit', 'touch', 'revoke', 'append', 'renew', 'sign-out']);

const NOBODY: Omit<SessionRecord, 'id'> = {
  createdAt: 0,
  lastSeenAt: 0,
  idleSeconds: 0,
  deadlineAt: 0,
  userId: undefined,
  authenticatedAt: undefined,
  isRemembered: false,
  tokenAt: 0,
  device: { address: undefined, agent: undefined },
  fields: new Map(),
};

/**
 * Whoever went on at once would spend a whole history on one outage. The answer to a touch tells whom it is about, so
 * that replies that are out of step are noticed also when nothing else is asked.
 */
export async function untilAnswering({ repository }: StormInstance): Promise<void> {
  const isAnswering = () =>
    repository.touch({ ...NOBODY, id: idOfToken(createToken()) }).then(
      () => true,
      () => false,
    );
  await eventually('Redis answers again', isAnswering, 60_000);
}

/** What is known of operations, by what the library said. */
export async function answersOf(
  operations: readonly Operation[],
  act: () => Promise<readonly string[]>,
): Promise<readonly string[] | 'refused' | 'unknown'> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    if (error.code === 'SESSION_GONE') return ['gone'];
    if (error.code === 'SESSION_CONFLICT') return 'refused';
    if (error.code !== 'SESSION_STORE') throw error;
    const isUnsent = operations.every(({ kind }) => ONE_STEP.has(kind));
    return isUnsent && error instanceof RestingError ? 'refused' : 'unknown';
  }
}
