import type { NewSession } from '../../libs/session/src/core/outcome.js';
import { createToken, idOfToken, shardOfUser } from '../../libs/session/src/core/token.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { Instance } from '../support/instance.js';
import { assertSoundKeyspace } from '../support/keyspace-oracle.js';
import { useRedis } from '../support/redis.js';
import { useFigures } from './support/figures.js';
import { times } from '../support/scale.js';

const figure = useFigures();
const OUTAGE = { code: 'SESSION_STORE' };
const ADD = new Map([['count', { kind: 'add', amount: 1 }]] as const);

describe('when the connection is cut', () => {
  const redis = useRedis();
  let proxy: FaultProxy;
  let instance: Instance;
  let counted: NewSession;
  beforeAll(async () => {
    proxy = await FaultProxy.to(redis.url);
    instance = await Instance.open({ redis: proxy.url, storeTimeoutMs: 2000 });
  });
  beforeEach(async () => {
    proxy.behave();
    counted = newSession('alice');
    await instance.repository.create(counted, new Map([['note', '"a note"']]));
  });
  afterEach(() => assertSoundKeyspace(redis.client));
  afterAll(async () => {
    await instance.close();
    proxy.close();
  });

  /** So that what is cut is the answer to a command of ours, and none of a handshake. */
  const connected = () =>
    eventually('there is a connection', () =>
      instance.repository.ping().then(
        () => true,
        () => false,
      ),
    );
  const count = async () =>
    Number((await instance.repository.read(counted.id))?.fields.get('count') ?? 0);

  it('F10 after a command was carried out, nothing is carried out twice and every promise settles', async () => {
    const { repository } = instance;
    const rounds = times(60, 200);
    let doubled = 0;
    let additions = 0;
    for (let round = 0; round < rounds; round++) {
      const user = `user ${round}`;
      const signIn = newSession(user);
      await connected();
      proxy.cutNextAnswer();
      // Those behind the first one were on their way, and Redis may have them or not.
      const acts = [
        repository.create(signIn, new Map()),
        ...Array.from({ length: round % 3 }, () => repository.commit(counted.id, ADD)),
      ];
      additions += acts.length - 1;
      const settled = await Promise.allSettled(acts);
      expect(settled[0]).toMatchObject({ status: 'rejected', reason: OUTAGE });
      const sessions = await redis.client.smembers(`session-user:{${shardOfUser(user)}}:${user}`);
      expect(sessions).toEqual([signIn.id]);
      doubled += Math.max(0, (await count()) - additions);
    }
    figure('F10', `effects that came twice in ${rounds} cuts`, doubled, '0');
    expect(doubled).toBe(0);
  }, 600_000);

  it('F11 before Redis gets a command, that is an error, and doing it again does it once', async () => {
    const rounds = times(20, 60);
    for (let round = 1; round <= rounds; round++) {
      await connected();
      proxy.cutNextCommand();
      await expect(instance.repository.commit(counted.id, ADD)).rejects.toMatchObject(OUTAGE);
      expect(await instance.repository.commit(counted.id, ADD)).toEqual({ kind: 'saved' });
      expect(await count()).toBe(round);
    }
    figure('F11', 'commands that Redis never got, each an error and done again', rounds);
  }, 120_000);

  it('F12 in the middle of an answer, the half of it is worth nothing', async () => {
    const { repository } = instance;
    const lengths = 380;
    const step = times(19, 3);
    let halves = 0;
    for (let length = 1; length < lengths; length += step) {
      await connected();
      proxy.truncateNextAnswer(length);
      const read = await repository.read(counted.id).catch((error: unknown) => error);
      proxy.behave();
      const isHalf = read instanceof Error;
      // Otherwise the whole answer was shorter than that.
      const whole = { userId: 'alice', fields: new Map([['note', '"a note"']]) };
      expect(read).toMatchObject(isHalf ? OUTAGE : whole);
      if (isHalf) halves++;
    }
    figure('F12', 'answers that ended before their end, each an error', halves);
    expect(halves).toBeGreaterThan(5);
  }, 120_000);
});

function newSession(userId: string): NewSession {
  const token = createToken(shardOfUser(userId));
  return {
    id: idOfToken(token),
    token,
    userId,
    lifetime: { idleSeconds: 600, absoluteSeconds: 600 },
    device: { address: undefined, agent: undefined },
    provenAt: performance.now(),
    afterEpoch: undefined,
  };
}
