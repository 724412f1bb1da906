import { Redis } from 'ioredis';
import { saveSession } from '../libs/session/src/core/save-session.js';
import { Session } from '../libs/session/src/core/session.js';
import { createToken, idOfToken, type SessionId } from '../libs/session/src/core/token.js';
import { openConnection } from '../libs/session/src/redis/open-connection.js';
import type { RedisConnection } from '../libs/session/src/redis/redis-connection.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { SessionError } from '../libs/session/src/session.errors.js';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import type { SessionOptions } from '../libs/session/src/session.options.js';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { useRedis } from './support/redis.js';
import { times } from './support/scale.js';

const ROUNDS = times(2, 10);
const USERS = ['alice', 'bob', 'carol'];
const FAULTS: [name: string, tamper: (proxy: FaultProxy) => void][] = [
  ['repeated', (proxy) => proxy.repeatNextAnswer()],
  ['lost', (proxy) => proxy.dropNextAnswer()],
  ['invented, an empty hash,', (proxy) => proxy.injectBeforeNextAnswer('*0\r\n')],
  ['invented, a text,', (proxy) => proxy.injectBeforeNextAnswer('$2\r\nOK\r\n')],
];

describe.each([
  ['a client that was made here', false],
  ['a client that was handed in', true],
])('on %s, when an answer is', (_, isHandedIn) => {
  const redis = useRedis();
  let proxy: FaultProxy;
  let handedIn: Redis | undefined;
  let connection: RedisConnection;
  let repository: RedisSessionRepository;
  const ids = new Map<string, SessionId>();

  beforeAll(async () => {
    proxy = await FaultProxy.to(redis.url);
    if (isHandedIn) {
      const safe = {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        commandTimeout: 200,
        disconnectTimeout: 50,
      };
      handedIn = new Redis(proxy.url, { ...safe, autoResendUnfulfilledCommands: false });
      handedIn.on('error', () => undefined);
      await new Promise<void>((resolve) => void handedIn!.once('ready', () => resolve()));
    }
    const options: SessionOptions = { redis: handedIn ?? proxy.url, storeTimeoutMs: 300 };
    const settings = new SessionSettings(options);
    connection = await openConnection(settings);
    repository = new RedisSessionRepository(connection, settings);
    for (const user of USERS) {
      const device = { address: undefined, agent: undefined };
      const session = new Session(undefined, { ...settings, device, startedAt: performance.now() });
      session.signIn(user, { data: { note: `the canary of ${user}` } });
      await saveSession(repository, session);
      ids.set(user, session.id!);
    }
  });
  afterAll(async () => {
    await connection.close();
    handedIn?.disconnect();
    proxy.close();
  });

  /** What a user was told: their own, or nothing. */
  const ask = async (user: string): Promise<'own' | 'nothing' | 'refused' | 'foreign'> => {
    try {
      const record = await repository.read(ids.get(user)!);
      if (!record) return 'nothing';
      const isOwn = record.userId === user && record.fields.get('note')?.includes(user);
      return isOwn ? 'own' : 'foreign';
    } catch (error) {
      if (error instanceof SessionError && error.code === 'SESSION_STORE') return 'refused';
      throw error;
    }
  };

  it.each(FAULTS)(
    '%s nobody ever sees what is not theirs, and soon all is well',
    async (_fault, tamper) => {
      const told = { own: 0, nothing: 0, refused: 0, foreign: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        tamper(proxy);
        const crowd = Array.from({ length: 9 }, (_unused, i) => ask(USERS[i % USERS.length]!));
        // A reply to somebody else's dead token could lead to a session that lives.
        const dead = repository.whyGone(idOfToken(createToken())).catch(() => undefined);
        for (const answer of await Promise.all(crowd)) told[answer]++;
        expect((await dead)?.successor).toBeUndefined();
        proxy.behave();
        // It is its owner's to reconnect.
        if (handedIn?.status === 'ready') handedIn.disconnect(true);
        await eventually('each gets their own again', async () => {
          const answers = await Promise.all(USERS.map(ask));
          return answers.every((answer) => answer === 'own');
        });
      }
      expect(told.foreign).toBe(0);
      expect(told.own + told.refused).toBeGreaterThan(0);
    },
    20_000 + 1000 * ROUNDS,
  );

  // What is not ours has its owner to hear that an answer came which nobody waited for.
  it.each(isHandedIn ? ['others wait'] : ['others wait', 'nobody else waits'])(
    'invented, that a script is not known, while %s, the script is carried out once all the same',
    async (who) => {
      const id = ids.get('alice')!;
      const add = () => repository.commit(id, new Map([['visits', { kind: 'add', amount: 1 }]]));
      const inRedis = () => redis.client.hget(new SessionKeys('').session(id), 'visits');
      await add();
      const before = Number(await inRedis());
      proxy.injectBeforeNextAnswer('-NOSCRIPT No matching script.\r\n');
      const adding = add();
      const others = who === 'others wait' ? USERS.map(ask) : [];
      await expect(adding).rejects.toMatchObject({ code: 'SESSION_STORE' });
      await Promise.all(others);
      expect(Number(await inRedis())).toBe(before + 1);
      proxy.behave();
      if (handedIn?.status === 'ready') handedIn.disconnect(true);
      await eventually('all is well', async () => (await ask('alice')) === 'own');
    },
  );
});
