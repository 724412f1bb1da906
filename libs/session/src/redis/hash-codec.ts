import { SessionError } from '../session.errors.js';
import { isFieldName } from '../field-name.js';
import type { SessionRecord } from '../core/record.js';
import type { SessionId } from '../core/token.js';

/** The version of the layout, in the field `~v`. */
export const LAYOUT_VERSION = '1';

/**
 * The start of an id that a session carries inside, in the field `~id`: every reply is checked to be the session
 * that was asked for. Eight characters are 48 bits, 16 of them the shard.
 */
export function checkOf(id: SessionId): string {
  return id.slice(0, 8);
}

/**
 * Reads the reply of `HGETALL`.
 *
 * @returns `undefined` when the hash is not a whole session, or not the one that was asked for: something else wrote it, or
 * the answer belongs to somebody else.
 * @throws {SessionError} `SESSION_FORMAT` when a newer version of this library wrote it.
 */
export function recordOfHash(
  id: SessionId,
  hash: Record<string, string>,
): SessionRecord | undefined {
  const { '~id': check, '~v': version } = hash;
  if (check !== checkOf(id)) return undefined;
  if (version !== LAYOUT_VERSION) {
    throw new SessionError(
      'SESSION_FORMAT',
      `The session has layout ${version}, and this version of nestjs-redis-session reads ${LAYOUT_VERSION}. Upgrade every instance before you go back.`,
    );
  }
  const record = {
    id,
    createdAt: Number(hash['~created']),
    lastSeenAt: Number(hash['~seen']),
    idleSeconds: Number(hash['~idle']),
    deadlineAt: Number(hash['~until']),
    userId: hash['~user'],
    authenticatedAt: hash['~auth'] === undefined ? undefined : Number(hash['~auth']),
    tokenAt: Math.max(
      ...['~created', '~auth', '~renewed'].map((field) => Number(hash[field] ?? 0)),
    ),
    device: { address: hash['~ip'], agent: hash['~agent'] },
    fields: applicationFields(hash),
  };
  const numbers = [record.createdAt, record.lastSeenAt, record.idleSeconds, record.deadlineAt];
  return numbers.every(Number.isFinite) ? record : undefined;
}

function applicationFields(hash: Record<string, string>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const name of Object.keys(hash)) {
    if (isFieldName(name)) fields.set(name, hash[name] as string);
  }
  return fields;
}
