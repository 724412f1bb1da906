import { SessionError } from '../session.errors.js';
import { isFieldName } from '../field-name.js';
import type { SessionRecord } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import type { HashTexts } from './read-hash.js';

/** The version of the layout, in the field `~v`. */
export const LAYOUT_VERSION = '1';

/**
 * The start of an id that a session carries inside, in the field `~id`: every reply is checked to be the session
 * that was asked for. Eight characters are 48 bits, 16 of them the shard.
 */
export function checkOf(id: SessionId): string {
  return id.slice(0, 8);
}

/** What the library keeps of a session, that a request needs. First the one that shows whose it is. */
export const OWN_FIELDS = [
  '~id',
  '~v',
  '~created',
  '~seen',
  '~idle',
  '~until',
  '~user',
  '~auth',
  '~remembered',
  '~renewed',
  '~former',
  '~ip',
  '~agent',
] as const;

type OwnField = (typeof OWN_FIELDS)[number];

/**
 * Reads what a hash holds.
 *
 * @returns `undefined` when it is not a whole session, or not the one that was asked for: something else wrote it, or
 * the answer belongs to somebody else.
 * @throws {SessionError} `SESSION_FORMAT` when a newer version of this library wrote it.
 */
export function recordOfHash(id: SessionId, texts: HashTexts): SessionRecord | undefined {
  const own: Partial<Record<OwnField, string>> = {};
  const fields = new Map<string, string>();
  for (let i = 0; i < texts.length; i += 2) {
    const [name, text] = [texts[i]!, texts[i + 1]!];
    if (isFieldName(name)) fields.set(name, text);
    else own[name as OwnField] = text;
  }
  if (own['~id'] !== checkOf(id)) return undefined;
  if (own['~v'] !== LAYOUT_VERSION) {
    throw new SessionError(
      'SESSION_FORMAT',
      `The session has layout ${own['~v']}, and this version of nestjs-redis-session reads ${LAYOUT_VERSION}. Upgrade every instance before you go back.`,
    );
  }
  const createdAt = Number(own['~created']);
  const authenticatedAt = own['~auth'] === undefined ? undefined : Number(own['~auth']);
  const record = {
    id,
    createdAt,
    lastSeenAt: Number(own['~seen']),
    idleSeconds: Number(own['~idle']),
    deadlineAt: Number(own['~until']),
    userId: own['~user'],
    authenticatedAt,
    isRemembered: own['~remembered'] === '1',
    tokenAt: Math.max(createdAt, authenticatedAt ?? 0, Number(own['~renewed'] ?? 0)),
    formerId: own['~former'] as SessionId | undefined,
    device: { address: own['~ip'], agent: own['~agent'] },
    fields,
  };
  const numbers = [record.createdAt, record.lastSeenAt, record.idleSeconds, record.deadlineAt];
  return numbers.every(Number.isFinite) ? record : undefined;
}
