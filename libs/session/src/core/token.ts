import { hash, randomBytes } from 'node:crypto';

declare const brand: unique symbol;

/**
 * The secret in the cookie: 32 bytes as 43 characters of base64url, 2 bytes of shard and 30 random ones.
 * 240 random bits; OWASP ASVS 5.0 (7.2.3) asks for 128.
 */
export type SessionToken = string & {
  /** For the compiler only: a text is taken for a token once it has the shape of one. */
  readonly [brand]: 'SessionToken';
};

/**
 * The public name of a session: 24 bytes as 32 characters of base64url, 2 bytes of shard and the first 22 of the
 * token's SHA-256. It stands in lists, logs and Redis, and opens nothing: the token cannot be found from it.
 */
export type SessionId = string & {
  /** For the compiler only: a text is taken for an id once it has the shape of one. */
  readonly [brand]: 'SessionId';
};

// 32 bytes are 42 2/3 characters: the two lowest bits of the last one are zero in every token that was ever made.
const TOKEN = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const ID = /^[\w-]{32}$/;
const SHARD_BYTES = 2;

/**
 * Makes a new token, in a shard or in a random one. A user's sessions share a shard, so that one script can reach
 * them all on a Cluster.
 */
export function createToken(shard?: string, bytes: Buffer = randomBytes(32)): SessionToken {
  if (shard !== undefined) bytes.write(shard, 'hex');
  return bytes.toString('base64url') as SessionToken;
}

/** The token that belongs to a secret, the same each time. It is as hard to guess as the secret is. */
export function tokenOfSecret(secret: string, shard?: string): SessionToken {
  return createToken(shard, sha256(secret));
}

/** Whether a text from outside has exactly the shape of a token. Whatever has not is no session and costs no trip. */
export function isToken(text: string): text is SessionToken {
  return TOKEN.test(text);
}

export function isSessionId(text: string): text is SessionId {
  return ID.test(text);
}

export function idOfToken(token: SessionToken): SessionId {
  const id = Buffer.allocUnsafe(24);
  id.write(token.slice(0, 4), 'base64url');
  sha256(token).copy(id, SHARD_BYTES, 0, 22);
  return id.toString('base64url') as SessionId;
}

/**
 * The id of a session that the cookie of another library names. No token leads to it: the text that is digested has
 * not the shape of one.
 */
export function idOfForeign(name: string): SessionId {
  return sha256(`foreign:${name}`).toString('base64url', 0, 24) as SessionId;
}

/** Four hexadecimal digits, the hash tag of every key that belongs to this session. */
export function shardOfId(id: SessionId): string {
  return Buffer.from(id.slice(0, 4), 'base64url').toString('hex', 0, SHARD_BYTES);
}

/** The shard of all keys of a user and of each session that they sign in to. */
export function shardOfUser(userId: string): string {
  return sha256(userId).toString('hex', 0, SHARD_BYTES);
}

/** Whether a session lies in the slot of its user's keys. One that began under another library's id does not. */
export function isWithUser(id: SessionId, userId: string): boolean {
  return shardOfId(id) === shardOfUser(userId);
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
