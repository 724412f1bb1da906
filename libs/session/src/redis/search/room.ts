import type { SessionError } from '../../session.errors.js';
import { searchError } from './search-error.js';

/** Above this share of `maxmemory` an index is not filled: the rest is for sign-ins and writes. */
const FULL = 0.9;
/** What one session takes in an index and in its document, about: measured with an index of three fields. */
const BYTES_PER_SESSION = 800;

/** What the first index takes on a server, at most, by what it answers to `INFO`: any key may be a session. */
export function bytesOfFirst(info: string): number {
  return BYTES_PER_SESSION * Number(/^db0:keys=(\d+)/m.exec(info)?.[1] ?? 0);
}

/**
 * Whether a server has room for an index, by what it answers to `INFO memory`.
 *
 * @param bytes what the index is going to take there, about.
 * @returns the error that says what is missing; nothing where there is room, or no limit.
 */
export function lackOfRoom(info: string, bytes: number): SessionError | undefined {
  const [used = 0, limit = 0] = ['used_memory', 'maxmemory'].map((name) =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]),
  );
  if (limit === 0 || used + bytes <= FULL * limit) return undefined;
  const takes = bytes === 0 ? '' : `, and the index takes about ${megabytes(bytes)} more`;
  return searchError(
    `Redis has no room for the index: it uses ${megabytes(used)} of ${megabytes(limit)}${takes}. At most ${100 * FULL} % are used for it, so that users can sign in. Raise maxmemory.`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
