import type { SessionId } from '../libs/session/src/core/token.js';
import {
  createToken,
  idOfForeign,
  idOfToken,
  shardOfUser,
} from '../libs/session/src/core/token.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionsApart } from '../libs/session/src/redis/sessions-apart.js';
import type { SessionLimitOptions } from '../libs/session/src/session.options.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { newSession } from '../libs/session/src/testing/contract/arrange.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { commandsDuring, useRedis } from './support/redis.js';

const defer = useCleanup();

const KEYS = new SessionKeys('');
/** What a small set may hold before anything is looked at, and some that are dead between two looks. */
const SETTLED = 64;
const TERM = { idleMs: 60_000, slackMs: 1000 };
const DEVICE = { address: undefined, agent: undefined };

describe("a user's set", () => {
  const redis = useRedis();
  const user = 'bot';
  const key = KEYS.user(user);

  beforeEach(() => redis.client.flushall());

  const open = async (maxSessionsPerUser?: SessionLimitOptions) => {
    const settings = new SessionSettings({
      redis: redis.url,
      storeTimeoutMs: 5000,
      ...(maxSessionsPerUser && { maxSessionsPerUser }),
    });
    const connection = await openConnection(settings);
    defer(() => connection.close());
    return { connection, repository: new RedisSessionRepository(connection, settings) };
  };
  const ids = (count: number, make: () => SessionId) => Array.from({ length: count }, make);
  const near = () => idOfToken(createToken(shardOfUser(user)));
  const apart = () => idOfForeign(String(Math.random()));
  const add = async (members: readonly string[]) => {
    for (let at = 0; at < members.length; at += 1000) {
      await redis.client.sadd(key, ...members.slice(at, at + 1000));
    }
    await redis.client.pexpire(key, 3_600_000);
  };
  /** Sessions as they are, the first of them used the longest ago. */
  const live = async (members: readonly SessionId[]) => {
    const pipeline = redis.client.pipeline();
    members.forEach((id, at) => {
      const seen = 1_700_000_000_000 + at;
      pipeline.hset(KEYS.session(id), '~id', id.slice(0, 8), '~seen', seen, '~auth', seen);
      pipeline.pexpire(KEYS.session(id), 3_600_000);
    });
    await pipeline.exec();
    await add(members);
  };
  const size = () => redis.client.scard(key);
  const isMember = async (id: string) => (await redis.client.sismember(key, id)) === 1;
  const exists = async (id: SessionId) => (await redis.client.exists(KEYS.session(id))) === 1;

  describe('of a user who signs in, and never asks for a list of sessions', () => {
    const WAYS = [
      ['in the slot of the user', near],
      ['in other slots', apart],
      ['of which some are no ids', () => `no id ${Math.random()}` as SessionId],
    ] as const;

    it.each(WAYS)('loses what has ended, %s', async (_, make) => {
      const { repository } = await open();
      const sessions = ids(24, near);
      await live(sessions);
      await add(ids(200, make));
      for (let i = 0; i < 120; i++) {
        const session = newSession(user);
        await repository.create(session, new Map());
        // As if it had expired.
        await redis.client.del(KEYS.session(session.id));
      }
      await eventually('what is dead is out', async () => (await size()) < 24 + SETTLED);
      for (const id of sessions) expect(await isMember(id)).toBe(true);
    });

    it('loses what has ended by sign-ins through express-session', async () => {
      const { connection } = await open();
      const store = new SessionsApart(connection, '');
      await add(ids(200, apart));
      const mine: SessionId[] = [];
      for (let i = 0; i < 60; i++) {
        const id = apart();
        const signIn = { userId: user, provenAt: performance.now(), device: DEVICE };
        expect(await store.create(id, new Map(), TERM, signIn)).toBe(true);
        mine.push(id);
      }
      await eventually('what is dead is out', async () => (await size()) < 60 + SETTLED);
      for (const id of mine) expect(await isMember(id)).toBe(true);
    });

    it('is not looked at while it is small', async () => {
      const { repository } = await open();
      const signIn = () => repository.create(newSession(user), new Map());
      await signIn();
      const commands = await commandsDuring(redis, async () => {
        await signIn();
        await repository.ping();
      });
      expect(commands.map(([name]) => name)).toEqual(['evalsha', 'ping']);
    });
  });

  describe('of a user whose sessions are limited', () => {
    const POLICIES = ['evict-least-recently-used', 'refuse'] as const;
    /** More than Lua unpacks, and more than one command names. */
    const DEAD = [10, 1500, 8100, 20_000];

    it.each(POLICIES.flatMap((policy) => DEAD.map((count) => ({ policy, count }))))(
      'holds nobody back with $count dead ids ($policy)',
      async ({ policy: whenReached, count }) => {
        const { repository } = await open({ limit: 3, whenReached });
        const [first] = ids(1, near);
        await live([first!]);
        await add(ids(count, near));
        await add(['no id']);
        const results: string[] = [];
        const commands = await commandsDuring(redis, async () => {
          for (let i = 0; i < 3; i++) {
            const { kind } = await repository.create(newSession(user), new Map());
            results.push(kind);
          }
        });
        expect(results).toEqual(['saved', 'saved', whenReached === 'refuse' ? 'limit' : 'saved']);
        expect(await exists(first!)).toBe(whenReached === 'refuse');
        expect(await size()).toBe(3);
        // A command that names some hundred sessions takes Redis less than a millisecond.
        expect(Math.max(...commands.map((words) => words.length))).toBeLessThan(1000);
      },
    );

    it.each([
      ['in the slot of the user', near],
      ['in other slots', apart],
    ])('ends those that were used the longest ago, of 2,500 %s', async (_, make) => {
      const { repository } = await open({ limit: 5, whenReached: 'evict-least-recently-used' });
      const sessions = ids(2500, make);
      await live(sessions);
      const told: string[] = [];
      repository.listeners.add((events) => {
        for (const event of events) told.push(`${event.type} ${event.sessionId}`);
      });
      const session = newSession(user);
      expect(await repository.create(session, new Map())).toEqual({ kind: 'saved' });
      const kept = [...sessions.slice(-4), session.id];
      expect(new Set(await redis.client.smembers(key))).toEqual(new Set(kept));
      for (const id of kept) expect(await exists(id)).toBe(true);
      expect((await repository.whyGone(sessions[0]!))?.reason).toBe('evicted');
      expect(told.filter((line) => line.startsWith('revoked'))).toHaveLength(2496);
      expect(told.at(-1)).toBe(`signed-in ${session.id}`);
    });

    it('ends what is no session first, and what holds no moments', async () => {
      const { repository } = await open({ limit: 3, whenReached: 'evict-least-recently-used' });
      const [text, odd, whole] = ids(3, near) as [SessionId, SessionId, SessionId];
      await live([odd, whole]);
      await redis.client.hset(KEYS.session(odd), { '~seen': 'nan', '~auth': 'x' });
      await redis.client.set(KEYS.session(text), 'no hash');
      await add([text]);
      const left: SessionId[][] = [];
      for (let i = 0; i < 2; i++) {
        expect(await repository.create(newSession(user), new Map())).toEqual({ kind: 'saved' });
        const there = await Promise.all([text, odd, whole].map(exists));
        left.push([text, odd, whole].filter((_, at) => there[at]));
      }
      // Of two that tell no time, either is the first.
      expect(left.map((those) => [those.length, those.at(-1)])).toEqual([
        [2, whole],
        [1, whole],
      ]);
    });

    it('costs a sign-in two scripts, of however many at the same time', async () => {
      const { repository } = await open({ limit: 5, whenReached: 'evict-least-recently-used' });
      await live(ids(5, near));
      const count = 100;
      const commands = await commandsDuring(redis, () =>
        Promise.all(ids(count, near).map(() => repository.create(newSession(user), new Map()))),
      );
      const scripts = commands.filter(([name]) => name!.startsWith('eval'));
      expect(scripts.length).toBeLessThanOrEqual(2 * count);
      expect(await size()).toBe(5);
    });

    it('holds the limit for sign-ins on several instances at the same time', async () => {
      const limit = { limit: 3, whenReached: 'evict-least-recently-used' } as const;
      const instances = await Promise.all([open(limit), open(limit), open(limit)]);
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          instances[i % 3]!.repository.create(newSession(user), new Map()),
        ),
      );
      expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['saved']));
      expect(await size()).toBe(3);
    });

    it('lets the next one in when a sign-in before it has failed', async () => {
      const { repository } = await open({ limit: 2, whenReached: 'refuse' });
      await redis.client.config('SET', 'maxmemory', '1');
      defer(() => redis.client.config('SET', 'maxmemory', '0'));
      const failed = await Promise.allSettled(
        ids(5, near).map(() => repository.create(newSession(user), new Map())),
      );
      expect(failed.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
      await redis.client.config('SET', 'maxmemory', '0');
      expect(await repository.create(newSession(user), new Map())).toEqual({ kind: 'saved' });
    });
  });
});
