import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import { createToken, idOfToken } from '../../../libs/session/src/core/token.js';
import { RestingError } from '../../../libs/session/src/redis/store-error.js';
import { SessionError } from '../../../libs/session/src/session.errors.js';
import { eventually } from '../../support/eventually.js';
import type { Instance } from '../../support/instance.js';
import type { Operation } from './session-model.js';

/** These send one command that writes: if it was not sent, nothing happened. */
const ONE_STEP = new Set(['read', 'commit', 'touch', 'revoke', 'append', 'renew', 'sign-out']);

const NO_SESSION: Omit<SessionRecord, 'id'> = {
  createdAt: 0,
  lastSeenAt: 0,
  idleSeconds: 0,
  deadlineAt: 0,
  userId: undefined,
  authenticatedAt: undefined,
  isRemembered: false,
  tokenAt: 0,
  formerId: undefined,
  device: { address: undefined, agent: undefined },
  fields: new Map(),
};

/**
 * After an outage a worker waits, or one outage would fill a whole history. It asks with a touch, whose answer names its
 * session, so that replies that are out of step are noticed, too.
 */
export async function untilAnswering({ repository }: Instance): Promise<void> {
  const isAnswering = () =>
    repository.touch({ ...NO_SESSION, id: idOfToken(createToken()) }).then(
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
