import { createHash } from 'node:crypto';
import type { SessionRepository } from 'nestjs-redis-session/testing';
import type { CartLine } from '../../src/cart/cart-line.js';
import { randomOf } from '../support/random.js';

export type SessionId = Parameters<SessionRepository['read']>[0];

/** A session as it was given out, apart from its moments. */
export interface BenchSession {
  readonly id: SessionId;
  /** Four hexadecimal digits: the slot. */
  readonly shard: string;
  readonly userId: string | undefined;
  readonly cart: readonly CartLine[];
  /** JSON texts. */
  readonly fields: ReadonlyMap<string, string>;
}

/** In three sessions, however many there are. */
export const RARE_PRODUCT = 'rare';
/** Of a third of all sessions. */
export const COMMON_PLAN = 'basic';
/** Of about one session in 140. */
export const ONE_TENANT = 't0010';
export const DEVICE = { address: '10.20.30.40', agent: 'Mozilla/5.0 (X11; Linux x86_64)' };

const PLANS = [COMMON_PLAN, 'team', 'large'];
const PRODUCTS = 50;
const TENANTS = 1000;
/** Names and texts of the hash, without what an index adds. */
export const SESSION_BYTES = 300;
/** Of these, what the library's own fields take: of every session, and of one that is signed in, less the user id. */
const OWN_BYTES = 82;
const OWN_BYTES_OF_USER = 74;

/** Sessions that are the same in every run: of 10, 7 are signed in, and a user has two. */
export class Population {
  constructor(readonly size: number) {}

  at(i: number): BenchSession {
    const random = randomOf(i);
    const userId = i % 10 < 7 ? `user-${i >> 1}` : undefined;
    const bytes = digest(`session ${i}`);
    if (userId !== undefined) digest(userId).copy(bytes, 0, 0, 2);
    const cart = this.#cart(i, random);
    return {
      id: bytes.toString('base64url', 0, 24) as SessionId,
      shard: bytes.toString('hex', 0, 2),
      userId,
      cart,
      fields: fieldsOf(i, userId, cart, random),
    };
  }

  /** Any one, by a number from 0 up to 1. */
  any(part: number): BenchSession {
    return this.at(Math.floor(part * this.size));
  }

  #cart(i: number, random: () => number): CartLine[] {
    const lines = Array.from({ length: 1 + Math.floor(3 * random()) }, () => ({
      sku: `p${Math.floor(PRODUCTS * random())}`,
      quantity: 1 + Math.floor(5 * random()),
    }));
    const isRare = [1, 2, 3].some((quarter) => i === Math.floor((quarter * this.size) / 4));
    return isRare ? [{ sku: RARE_PRODUCT, quantity: 1 }, ...lines.slice(1)] : lines;
  }
}

function fieldsOf(
  i: number,
  userId: string | undefined,
  cart: readonly CartLine[],
  random: () => number,
): Map<string, string> {
  // The first tenants have most: a tenth of all sessions is the first one's.
  const tenant = `t${String(Math.floor(TENANTS * random() ** 3)).padStart(4, '0')}`;
  const values = { tenant, plan: PLANS[i % 3], views: Math.floor(100 * random()), cart };
  const fields = new Map(Object.entries(values).map(([name, v]) => [name, JSON.stringify(v)]));
  const own = OWN_BYTES + (userId === undefined ? 0 : OWN_BYTES_OF_USER + userId.length);
  const used = [...fields, ['lastPage', '""']].reduce(
    (sum, pair) => sum + pair.join('').length,
    own,
  );
  fields.set('lastPage', JSON.stringify('/'.padEnd(SESSION_BYTES - used, 'x')));
  return fields;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
