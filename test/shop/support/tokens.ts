import { createHash, randomBytes } from 'node:crypto';

/** Well formed, and nobody's. */
export function strangeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The key of a session as the documentation has it, spelled apart from the library, to check it. */
export function sessionKey(token: string): string {
  const shard = Buffer.from(token, 'base64url').subarray(0, 2);
  return `session:{${shard.toString('hex')}}:${sessionId(token)}`;
}

/** The key of what Search sees of a session. */
export function documentKey(token: string): string {
  return sessionKey(token).replace('session:', 'session-index:');
}

export function sessionId(token: string): string {
  const shard = Buffer.from(token, 'base64url').subarray(0, 2);
  const digest = createHash('sha256').update(token).digest().subarray(0, 22);
  return Buffer.concat([shard, digest]).toString('base64url');
}

/** The key of the set of a user's sessions. */
export function userKey(userId: string): string {
  const shard = createHash('sha256').update(userId).digest().subarray(0, 2);
  return `session-user:{${shard.toString('hex')}}:${userId}`;
}
