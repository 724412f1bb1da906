import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import type { SessionRecord } from '../libs/session/src/core/record.js';
import { saveSession } from '../libs/session/src/core/save-session.js';
import { Session } from '../libs/session/src/core/session.js';
import { type SessionId, shardOfUser } from '../libs/session/src/core/token.js';
import { recordOfHash } from '../libs/session/src/redis/hash-codec.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import type { RedisConnection } from '../libs/session/src/redis/redis-connection.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { discard } from '../libs/session/src/redis/scripts/discard.js';
import { voidUser } from '../libs/session/src/redis/scripts/void.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { useRedis } from './support/redis.js';
import { SeededRandom } from './random/seeded-random.js';
import { useCleanup } from './support/cleanup.js';
import { seed } from './support/scale.js';

const defer = useCleanup();

const keys = new SessionKeys('');

describe('sessions in Redis', () => {
  const redis = useRedis();
  let settings: SessionSettings;
  let connection: RedisConnection;
  let repository: RedisSessionRepository;
  beforeAll(async () => {
    settings = new SessionSettings({
      redis: redis.url,
      idleTimeoutSeconds: 600,
      touchIntervalSeconds: 10,
    });
    connection = await openConnection(settings);
    repository = new RedisSessionRepository(connection, settings);
  });
  afterAll(() => connection.close());

  const sessionOf = (record?: SessionRecord) =>
    new Session(record, {
      ...settings,
      device: { address: '192.0.2.1', agent: 'Test/1.0' },
      startedAt: performance.now(),
    });
  const signIn = async (userId: string, remember = false): Promise<SessionRecord> => {
    const session = sessionOf();
    session.signIn(userId, { remember });
    await saveSession(repository, session);
    return (await repository.read(session.id!))!;
  };
  const ttlOf = (id: SessionId) => redis.client.pttl(keys.session(id));

  it('live for the idle timeout and one interval more, and a touch starts that anew', async () => {
    const record = await signIn('ttl');
    expect(await ttlOf(record.id)).toBeGreaterThan(600_000);
    expect(await ttlOf(record.id)).toBeLessThanOrEqual(610_000);
    await redis.client.pexpire(keys.session(record.id), 5000);
    expect(await repository.touch(record)).toBe(true);
    expect(await ttlOf(record.id)).toBeGreaterThan(600_000);
  });

  it.each([
    { what: 'renewed', act: (session: Session) => session.renew(), isAnew: false },
    { what: 'signed in to anew', act: (session: Session) => session.signIn('anew'), isAnew: true },
  ])(
    'start their idle timeout anew when they are $what, and what else that says',
    async ({ act, isAnew }) => {
      const { id } = await signIn('anew');
      const hourAgo = Date.now() - 3_600_000;
      const old = {
        '~seen': hourAgo,
        '~auth': hourAgo,
        '~created': hourAgo,
        '~until': hourAgo + 7_200_000,
      };
      await redis.client.hset(keys.session(id), old);
      await redis.client.pexpire(keys.session(id), 5000);
      const session = sessionOf(await repository.read(id));
      act(session);
      await saveSession(repository, session);
      const now = (await repository.read(session.id!))!;
      const recent = expect.closeTo(Date.now(), -5) as number;
      expect(now).toMatchObject({
        userId: 'anew',
        createdAt: hourAgo,
        lastSeenAt: recent,
        tokenAt: recent,
        authenticatedAt: isAnew ? recent : hourAgo,
        idleSeconds: 600,
      });
      expect(now.deadlineAt - hourAgo).toBeGreaterThanOrEqual(isAnew ? 46_800_000 : 7_200_000);
      expect(now.deadlineAt - hourAgo).toBeLessThan(isAnew ? 46_900_000 : 7_200_001);
      expect(await ttlOf(now.id)).toBeGreaterThan(600_000);
      expect(await ttlOf(now.id)).toBeLessThanOrEqual(610_000);
    },
  );

  it('never live past their deadline, touched or renewed', async () => {
    const record = await signIn('deadline');
    const { deadlineAt } = record;
    await redis.client.hset(keys.session(record.id), '~until', deadlineAt - 43_200_000 + 60_000);
    await repository.touch(record);
    expect(await ttlOf(record.id)).toBeLessThanOrEqual(60_000);
    const session = sessionOf(record);
    session.renew();
    await saveSession(repository, session);
    expect(await ttlOf(session.id!)).toBeLessThanOrEqual(60_000);
  });

  it("keep the user's set as long as the longest of them can live", async () => {
    await signIn('set', true);
    await signIn('set');
    expect(await redis.client.scard(keys.user('set'))).toBe(2);
    expect(await redis.client.ttl(keys.user('set'))).toBeGreaterThan(2_591_990);
  });

  it('put themselves back into a set that was lost', async () => {
    const record = await signIn('healed');
    await redis.client.del(keys.user('healed'));
    await repository.touch(record);
    expect(await redis.client.smembers(keys.user('healed'))).toEqual([record.id]);
    expect(await redis.client.ttl(keys.user('healed'))).toBeGreaterThan(43_000);
  });

  it('end at their next touch when their user signed out everywhere while the set was lost', async () => {
    const record = await signIn('lost');
    await redis.client.del(keys.user('lost'));
    expect(await repository.revokeAllOfUser('lost')).toMatchObject({ ended: 0 });
    expect(await repository.touch(record)).toBe(false);
    expect(await repository.read(record.id)).toBeUndefined();
  });

  it('are not spared by a sign-out of another user, in the same shard or not', async () => {
    const user = 'not spared';
    const others = [userIn(shardOfUser(user)), 'in another shard'];
    for (const other of others) {
      const record = await signIn(user);
      await redis.client.del(keys.user(user));
      await repository.revokeAllOfUser(user);
      await repository.revokeAllOfUser(other, record.id);
      expect(await repository.touch(record)).toBe(false);
    }
  });

  describe('of a user whose set was lost and who has signed out everywhere', () => {
    const user = 'lost set';
    const arrange = async () => {
      await redis.client.flushdb();
      const record = await signIn(user);
      const before = sessionOf(record);
      await redis.client.del(keys.user(user));
      await repository.revokeAllOfUser(user);
      return { record, before };
    };
    const isLive = async ({ id }: Session) => (await repository.read(id!)) !== undefined;

    it('get no new token', async () => {
      const { record, before } = await arrange();
      before.renew();
      expect(await saveSession(repository, before)).toEqual({ kind: 'unchanged' });
      expect(await redis.client.keys('session:*')).toEqual([keys.session(record.id)]);
      expect(await repository.touch(record)).toBe(false);
    });

    it('do not go on by an authentication from before', async () => {
      const { before } = await arrange();
      before.signIn(user);
      await expect(saveSession(repository, before)).rejects.toMatchObject({ code: 'SESSION_GONE' });
      expect(await isLive(before)).toBe(false);
    });

    it('go on by an authentication from after', async () => {
      const { record } = await arrange();
      const after = sessionOf(record);
      after.signIn(user);
      await saveSession(repository, after);
      expect(await isLive(after)).toBe(true);
      expect(await redis.client.smembers(keys.user(user))).toEqual([after.id]);
    });
  });

  it('of a user who has signed out everywhere else can get a new token, and keep the exemption', async () => {
    const record = await signIn('exempt');
    await repository.revokeAllOfUser('exempt', record.id);
    const session = sessionOf(record);
    session.renew();
    await saveSession(repository, session);
    const renewed = (await repository.read(session.id!))!;
    expect(await repository.touch(renewed)).toBe(true);
  });

  it('of a user get no earlier cutoff from a sign-out everywhere that began before another one', async () => {
    const { epoch } = await repository.revokeAllOfUser('overtaken');
    const before = (Number(epoch) - 5).toFixed(3);
    const reply = await voidUser(redis.client, keys, 'overtaken', undefined, 60_000, before);
    expect(reply.rest).toEqual([epoch]);
    expect(await redis.client.get(keys.epoch('overtaken'))).toBe(epoch);
  });

  it('are found by a token that has aged for as long as they live, whatever a late confirmation was of', async () => {
    const first = await signIn('aged');
    const rotate = async (record: SessionRecord) => {
      const session = sessionOf(record);
      session.rotate(first.id);
      await saveSession(repository, session);
      return (await repository.read(session.id!))!;
    };
    const second = await rotate(first);
    await rotate(second);
    await repository.confirm(second);
    expect(await redis.client.pttl(keys.gone(first.id))).toBeGreaterThan(60_000);
  });

  it('do not begin by a sign-in that was under way when its user signed out everywhere', async () => {
    const slow = new Redis(redis.url);
    defer(() => slow.disconnect());
    const send = slow.evalsha.bind(slow) as (...args: unknown[]) => Promise<unknown>;
    const held: (() => void)[] = [];
    slow.evalsha = ((...args: unknown[]) =>
      new Promise((resolve) => held.push(() => resolve(send(...args))))) as typeof slow.evalsha;
    const late = new RedisSessionRepository(
      await openConnection(new SessionSettings({ redis: slow, storeTimeoutMs: 5000 })),
      settings,
    );
    const told: unknown[] = [];
    late.listeners.add((events) => void told.push(...events));
    const session = sessionOf();
    session.signIn('under way');
    const saving = saveSession(late, session);
    await repository.revokeAllOfUser('under way');
    await redis.client.echo('a moment later');
    slow.evalsha = send as typeof slow.evalsha;
    held[0]!();
    await expect(saving).rejects.toMatchObject({ code: 'SESSION_GONE' });
    expect(await repository.read(session.id!)).toBeUndefined();
    expect(told).toEqual([]);
  });

  it('end with a sign-out that meets a new token', async () => {
    const record = await signIn('met');
    const [leaving, renewing] = [sessionOf(record), sessionOf(record)];
    renewing.renew();
    await saveSession(repository, renewing);
    leaving.destroy();
    await saveSession(repository, leaving);
    expect(await repository.read(renewing.id!)).toBeUndefined();
  });

  it('do not end with a sign-out by a token from before somebody signed in', async () => {
    const guest = sessionOf();
    guest.set('note', 'x');
    await saveSession(repository, guest);
    const record = (await repository.read(guest.id!))!;
    const [leaving, signingIn] = [sessionOf(record), sessionOf(record)];
    signingIn.signIn('stays');
    await saveSession(repository, signingIn);
    leaving.destroy();
    await saveSession(repository, leaving);
    expect(await repository.read(signingIn.id!)).toMatchObject({ userId: 'stays' });
  });

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['a hash cut short', (key) => redis.client.hdel(key, '~id')],
    ['a hash without times', (key) => redis.client.hdel(key, '~until')],
    ['a text', (key) => redis.client.set(key, 'x')],
    ['a list', (key) => makeList(key)],
  ])('that something else made into %s are no sessions, and are removed', async (_, spoil) => {
    const record = await signIn('spoilt');
    await spoil(keys.session(record.id));
    expect(await repository.read(record.id)).toBeUndefined();
    expect(await redis.client.exists(keys.session(record.id))).toBe(0);
  });

  it('are not believed when they are not the ones that were asked for', async () => {
    const [mine, other] = [await signIn('mine'), await signIn('other')];
    await redis.client.hset(keys.session(mine.id), '~id', other.id.slice(0, 8));
    expect(await repository.read(mine.id)).toBeUndefined();
    // It would trouble its visitor for as long as it lives, and is nobody's session.
    expect(await redis.client.exists(keys.session(mine.id))).toBe(0);
    expect((await repository.read(other.id))?.userId).toBe('other');
  });

  it('never run as code what something else wrote into them', async () => {
    const { id } = await signIn('code');
    // What deserializers of Python, Java and Node run, and names that matter in JavaScript.
    const functionText = '_$$ND_FUNC$$_function(){globalThis.planted=true}()';
    const object = `{"__proto__":{"planted":true},"run":"${functionText}"}`;
    await redis.client.hset(keys.session(id), {
      note: object,
      constructor: '{"prototype":{"planted":true}}',
      toString: '"planted"',
    });
    await redis.client.hset(keys.session(id), '__proto__', '{"planted":true}');
    const read = async () => sessionOf(await repository.read(id)).get('note' as never) as unknown;
    expect(await read()).toMatchObject({ run: functionText });
    const java = '\u00ac\u00ed\u0000\u0005sr\u0000\u0011java.util.HashMap';
    for (const text of ["cos\nsystem\n(S'exit 1'\ntR.", java, functionText]) {
      await redis.client.hset(keys.session(id), 'note', text);
      await expect(read()).rejects.toMatchObject({ code: 'SESSION_FORMAT' });
    }
    expect(globalThis).not.toHaveProperty('planted');
    expect({}).not.toHaveProperty('planted');
  });

  it.each(['2', '10', '1 ', 'next', '1.0'])(
    'of layout "%s" are not read, not removed, and can be ended',
    async (layout) => {
      const { id, userId } = await signIn('future');
      await redis.client.hset(keys.session(id), '~v', layout);
      expect(await repository.read(id)).toBeUndefined();
      expect(await repository.whyGone(id)).toMatchObject({ reason: 'unreadable', userId });
      expect(await redis.client.exists(keys.session(id))).toBe(1);
      expect(await repository.revoke([id], userId, 'revoked')).toBe(1);
      expect(await repository.whyGone(id)).toMatchObject({ reason: 'revoked' });
    },
  );

  // What Number() or tonumber() of Lua take, and the other does not, or takes for something else.
  const NUMBERS = [
    'Infinity,inf,-inf,nan,NaN,,x,-1,+1,1e3,0x10,0b1,1_000,1n,1.,.5,1.5.5,1e999,true,null,[]'.split(
      ',',
    ),
    [' ', ' 1', '1 ', '1\n', '1\u0000', '\uff11', '\u0661', '1,5'],
    ['9'.repeat(17), '9'.repeat(400), `1.${'1'.repeat(17)}`],
    ['0', '007', '1.5', '9'.repeat(16), '0.0', String(Number.MAX_SAFE_INTEGER)],
  ].flat();
  const OWN = ['~created', '~seen', '~idle', '~until', '~auth', '~renewed'];
  it.each(OWN)('are judged alike here and in Redis, whatever %s holds', async (field) => {
    for (const text of NUMBERS) {
      const { id } = await signIn('judged');
      const key = keys.session(id);
      await redis.client.hset(key, field, text);
      const here = recordOfHash(id, Object.entries(await redis.client.hgetall(key)).flat());
      // As if the answer had been about something else: Redis looks for itself.
      const { status } = await discard(redis.client as never, keys, id);
      const isOver = typeof here === 'object' && here.deadlineAt < Date.now();
      const verdict = typeof here === 'object' && !isOver ? 'whole' : 'saved';
      expect([text, status]).toEqual([text, verdict]);
      expect(await redis.client.exists(key)).toBe(verdict === 'whole' ? 1 : 0);
    }
  });

  it('are judged alike here and in Redis, whatever ~user holds', async () => {
    const judged = async (user: string | Buffer) => {
      const { id } = await signIn('judged');
      const key = keys.session(id);
      await redis.client.hset(key, '~user', user);
      const here = recordOfHash(id, Object.entries(await redis.client.hgetall(key)).flat());
      const { status } = await discard(redis.client as never, keys, id);
      return [typeof here === 'object', status === 'whole'];
    };
    const longest = ['x', 'ä', '漢', '🍵'].map((one) => one.repeat(512 / one.length));
    for (const user of ['x', 'x\u0000', '\ufffd'.repeat(512), ...longest]) {
      expect([user, ...(await judged(user))]).toEqual([user, true, true]);
    }
    for (const user of ['', 'x'.repeat(70_000), ...longest.map((text) => `${text}x`)]) {
      expect([user, ...(await judged(user))]).toEqual([user, false, false]);
    }
    // Where the text is not UTF-8, Redis refuses what is refused here. Else an answer would count as that of another call.
    const random = new SeededRandom(seed);
    const believed: string[] = [];
    for (let round = 0; round < 200; round++) {
      const codes = [0x78, 0x80, 0xbf, 0xc3, 0xe6, 0xf0, 0xff];
      const length = 300 + random.below(900);
      const bytes = Buffer.from(Array.from({ length }, () => random.oneOf(codes)));
      const [here, there] = await judged(bytes);
      if (!here && there) believed.push(bytes.toString('hex'));
    }
    expect(believed).toEqual([]);
  });

  it('that are spoilt trouble no other question on the connection, also where scripts are new', async () => {
    const good = await signIn('good');
    const surprises: unknown[] = [];
    const spoilt = [
      { '~until': 'Infinity' },
      { '~seen': 'nan' },
      { '~id': 'x' },
      { '~v': '' },
      { '~v': '2' },
      { '~user': '' },
      { '~user': 'x'.repeat(600) },
    ];
    for (const fields of spoilt) {
      for (let round = 0; round < 5; round++) {
        const { id } = await signIn('spoilt');
        await redis.client.hset(keys.session(id), fields);
        await redis.client.script('FLUSH');
        const others = () =>
          repository.commit(good.id, new Map([['n', { kind: 'add', amount: 1 }]]));
        const all = [1, 2, 3, 4, 5].flatMap(() => [
          repository.read(id),
          others(),
          repository.read(id, []),
          repository.whyGone(id),
        ]);
        const answers = await Promise.allSettled(all);
        surprises.push(...answers.filter(({ status }) => status === 'rejected'));
      }
    }
    expect(surprises).toEqual([]);
    expect((await repository.read(good.id))!.fields.get('n')).toBe(String(5 * 5 * spoilt.length));
  });

  it('end at their absolute deadline although their keys have lost their time to live', async () => {
    const [over, alive] = [await signIn('over'), await signIn('alive')];
    for (const { id } of [over, alive]) await redis.client.persist(keys.session(id));
    await redis.client.hset(keys.session(over.id), '~until', Date.now() - 1);
    expect(await repository.read(over.id)).toBeUndefined();
    expect(await redis.client.exists(keys.session(over.id))).toBe(0);
    expect(await repository.read(alive.id)).toMatchObject({ userId: 'alive' });
  });

  it('do not end by a clock here that is ahead', async () => {
    const { id } = await signIn('punctual');
    const ahead = new RedisSessionRepository(connection, settings);
    const { now } = Date;
    Date.now = () => now() + 400 * 86_400_000;
    defer(() => void (Date.now = now));
    expect(await ahead.read(id)).toMatchObject({ userId: 'punctual' });
  });

  const makeList = async (key: string) => (
    await redis.client.del(key),
    redis.client.rpush(key, 'x')
  );

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['a text', (key) => redis.client.set(key, 'x')],
    ['infinity', (key) => redis.client.set(key, 'inf')],
    ['a moment that no clock reaches', (key) => redis.client.set(key, '9007199254740993')],
    ['a list', makeList],
  ])(
    'end with a sign-out everywhere whose moment something else made into %s; their user can sign in again',
    async (_, spoil) => {
      const before = await signIn('locked out');
      await spoil(keys.epoch('locked out'));
      expect(await repository.touch(before)).toBe(false);
      expect(await repository.read(before.id)).toBeUndefined();
      const again = await signIn('locked out');
      expect(await repository.touch(again)).toBe(true);
      expect((await repository.revokeAllOfUser('locked out')).ended).toBe(1);
    },
  );

  it('are listed anew where something else wrote over the set of their user', async () => {
    const [before, leaving] = [await signIn('unlisted'), await signIn('unlisted')];
    const spoil = () => makeList(keys.user('unlisted'));
    await spoil();
    expect(await repository.idsOfUser('unlisted')).toEqual([]);
    await spoil();
    const after = await signIn('unlisted');
    await spoil();
    expect(await repository.touch(before)).toBe(true);
    expect(await repository.touch(after)).toBe(true);
    expect(new Set(await repository.idsOfUser('unlisted'))).toEqual(new Set([before.id, after.id]));
    await spoil();
    expect(await repository.revoke([leaving.id], 'unlisted', 'revoked')).toBe(1);
    await spoil();
    await repository.revokeIf(before, 'revoked', new Map());
    expect(await repository.read(before.id)).toBeUndefined();
    await spoil();
    expect((await repository.revokeAllOfUser('unlisted')).ended).toBe(0);
    expect(await repository.touch(after)).toBe(false);
  });

  it('are gone without a reason where something else wrote over the reason', async () => {
    const { id, userId } = await signIn('unexplained');
    await repository.revoke([id], userId, 'revoked');
    await makeList(keys.gone(id));
    expect(await repository.whyGone(id)).toBeUndefined();
  });

  it('begin after a sign-out everywhere also where the clock of Redis was set back since, and end with the next', async () => {
    const ahead = Date.now() + 3_600_000;
    const before = await signIn('set back');
    // By the clock of now, that sign-out and the session before it lie an hour ahead.
    await redis.client.hset(keys.session(before.id), '~auth', ahead - 1);
    await redis.client.set(keys.epoch('set back'), `${ahead}.5`);
    const after = await signIn('set back');
    expect(await repository.touch(after)).toBe(true);
    expect(await repository.touch(before)).toBe(false);
    const { epoch } = await repository.revokeAllOfUser('set back');
    expect(Number(epoch)).toBeGreaterThan(ahead);
    // As if it had been under way, and in no set.
    const late = await signIn('set back');
    await redis.client.hset(keys.session(late.id), '~auth', after.authenticatedAt!);
    expect(await repository.touch(late)).toBe(false);
    expect(await repository.touch(await signIn('set back'))).toBe(true);
  });

  it.each(['0x10', ' 1 ', '01', '-0', 'nan', 'inf', '1e400', '1.5.5', '1e', '--1'])(
    'with a field that holds %j answer an increment: it is done, or refused by name',
    async (text) => {
      const { id } = await signIn('counted');
      await redis.client.hset(keys.session(id), 'n', text);
      const changes = new Map([['n', { kind: 'add', amount: 1 } as const]]);
      const done = repository.commit(id, changes).then(() => 'saved', String);
      expect(await done).toMatch(/^saved$|"n" cannot be incremented/);
    },
  );

  it('never show in an error what a command held', async () => {
    const record = await signIn('secretive');
    await redis.client.del(keys.session(record.id));
    await redis.client.set(keys.session(record.id), 'x');
    const error: unknown = await repository
      .commit(record.id, new Map([['note', { kind: 'set', text: '"secretive"' }]]))
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'SESSION_STORE',
      message: expect.stringMatching(/WRONGTYPE/),
    });
    expect(inspect(error, { depth: 9 })).not.toMatch(/secretive|evalsha/i);
    expect(JSON.stringify(error)).not.toMatch(/secretive|args/);
    expect(record.userId).toBe('secretive');
  });
});

/** @returns the id of a user whose keys are in this shard, of 65,536. */
function userIn(shard: string): string {
  for (let i = 0; ; i++) if (shardOfUser(`user-${i}`) === shard) return `user-${i}`;
}
