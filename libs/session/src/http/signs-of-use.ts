import { Logger } from '@nestjs/common';
import { readOnward } from '../core/going-on-from.js';
import { CLOCK_STEP_MS, expiryOf, type SessionRecord, termOf } from '../core/record.js';
import type { SessionRepository } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { touches, trace } from '../core/trace.js';
import type { SessionSettings } from '../session.settings.js';

// What a request says of its session by coming: written next to the handler, which does not wait for it and works where it fails.

const logger = new Logger('Session');

/** The session is in use: its idle timeout starts anew. @returns whether that was due. */
export function touchIfDue(
  repository: SessionRepository,
  record: SessionRecord,
  { touchIntervalMs }: Pick<SessionSettings, 'touchIntervalMs'>,
): boolean {
  const sinceSeen = repository.now() - record.lastSeenAt;
  // Seen in the future: the clock here is behind, and how far is not known yet.
  if (sinceSeen >= -CLOCK_STEP_MS && sinceSeen < touchIntervalMs) return false;
  const touch = () => repository.touch(record);
  const touched = touches.hasSubscribers
    ? trace(touches, {}, touch, (isAlive) => (isAlive ? 'kept' : 'gone'))
    : touch();
  touched.catch((error: Error) => {
    logger.warn(`Session ${record.id} was not kept alive. ${error.message}`);
  });
  return true;
}

/** The same for a request that is still under way, whatever id the session has by now. @returns `false` where it has ended. */
export async function keepAlive(repository: SessionRepository, id: SessionId): Promise<boolean> {
  const record = await readOnward(repository, id);
  return record && record !== 'unreadable' ? repository.touch(record) : false;
}

/** The token that replaced an aged one has arrived. If it cannot be written, the next request says it again. */
export function confirmIfNew(repository: SessionRepository, record: SessionRecord): void {
  if (record.formerId === undefined) return;
  repository.confirm(record).catch((error: Error) => {
    logger.warn(`The old token of session ${record.id} is still accepted. ${error.message}`);
  });
}

/** Lower limits came with a new version of the application, and it would be over by them or moves to a new token. */
export function exceedsLimits(
  record: SessionRecord,
  settings: SessionSettings,
  now: number,
): boolean {
  const term = termOf(record, settings);
  const isSame = term.idleSeconds === record.idleSeconds && term.deadlineAt === record.deadlineAt;
  if (isSame) return false;
  const isOver = expiryOf(term, settings.touchIntervalMs) <= now;
  return isOver || now - record.tokenAt >= settings.renewIntervalMs;
}
