import crypto, { createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import {
  createToken,
  idOfToken,
  isSessionId,
  isToken,
  shardOfId,
  shardOfUser,
  tokenOfSecret,
} from './token.js';

describe('a token', () => {
  it('is 43 characters of base64url', () => {
    expect(createToken()).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(createToken(), 'base64url')).toHaveLength(32);
  });

  it('never comes twice', () => {
    const tokens = Array.from({ length: 100_000 }, () => createToken('a1b2'));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('is all of 32 bytes that the generator of node:crypto gave', () => {
    const { randomBytes } = crypto;
    const given = randomBytes(32);
    const asked: number[] = [];
    crypto.randomBytes = ((size: number) => {
      asked.push(size);
      return Buffer.from(given);
    }) as typeof randomBytes;
    syncBuiltinESMExports();
    try {
      expect(createToken()).toBe(given.toString('base64url'));
      expect(asked).toEqual([32]);
    } finally {
      crypto.randomBytes = randomBytes;
      syncBuiltinESMExports();
    }
  });

  it('has random bits in each place behind the shard', () => {
    const rounds = 20_000;
    const ones = Array.from<number>({ length: 256 }).fill(0);
    for (let i = 0; i < rounds; i++) {
      const bytes = Buffer.from(createToken('0000'), 'base64url');
      for (let bit = 0; bit < 256; bit++) ones[bit]! += (bytes[bit >> 3]! >> (bit & 7)) & 1;
    }
    expect(ones.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => 0));
    // Five standard deviations: less than one run in a thousand is wrong about any of 240 places.
    const tolerance = 5 * Math.sqrt(rounds / 4);
    for (const count of ones.slice(16))
      expect(Math.abs(count - rounds / 2)).toBeLessThan(tolerance);
  });

  it.each([
    '',
    'a',
    'x'.repeat(42),
    'x'.repeat(44),
    `${'x'.repeat(42)}B`,
    `${'x'.repeat(42)}=`,
    `${'x'.repeat(41)}%00`,
    `${'x'.repeat(42)}\n`,
    `${'x'.repeat(42)} `,
    '__proto__',
    'x'.repeat(1e5),
  ])('is not any other text (%#)', (text) => {
    expect(isToken(text)).toBe(false);
  });

  it('is recognised by its shape', () => {
    for (let i = 0; i < 1000; i++) expect(isToken(createToken())).toBe(true);
  });
});

describe('the token of a secret', () => {
  it('is the same for the same secret, in whichever shard', () => {
    const token = tokenOfSecret('a secret', 'a1b2');
    expect(tokenOfSecret('a secret', 'a1b2')).toBe(token);
    expect(isToken(token)).toBe(true);
    expect(shardOfId(idOfToken(token))).toBe('a1b2');
  });

  it('differs in all of its bytes behind the shard for secrets that differ in one character', () => {
    const bytes = ['secret-1', 'secret-2'].map((secret) =>
      Buffer.from(tokenOfSecret(secret, 'a1b2'), 'base64url'),
    );
    const same = [...bytes[0]!].filter((byte, i) => byte === bytes[1]![i]);
    // The two of the shard, and of thirty others one in 256 by chance.
    expect(same.length).toBeLessThan(2 + 4);
  });

  it('contains nothing of the secret', () => {
    const secret = 'abcdefghijklmnopqrstuvwxyz0123456789';
    expect(Buffer.from(tokenOfSecret(secret), 'base64url').toString('latin1')).not.toContain('abc');
  });
});

describe('an id', () => {
  it('is the shard and a digest of the token, and not the token', () => {
    const token = createToken('a1b2');
    const id = idOfToken(token);
    const bytes = Buffer.from(id, 'base64url');
    expect(bytes.subarray(0, 2).toString('hex')).toBe('a1b2');
    expect(bytes.subarray(2)).toEqual(createHash('sha256').update(token).digest().subarray(0, 22));
    expect(isSessionId(id)).toBe(true);
    expect(isToken(id)).toBe(false);
  });

  it('shares the shard of its user', () => {
    const shard = shardOfUser('alice');
    expect(shard).toBe(createHash('sha256').update('alice').digest('hex').slice(0, 4));
    expect(shardOfId(idOfToken(createToken(shard)))).toBe(shard);
  });
});
