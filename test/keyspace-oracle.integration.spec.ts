import { Instance } from './support/instance.js';
import { keyspaceFaults } from './support/keyspace-oracle.js';
import { useRedis } from './support/redis.js';

describe('the oracle of the keyspace', () => {
  const redis = useRedis({ settings: { appendonly: 'no', save: '' } });
  let instance: Instance;
  beforeAll(async () => {
    instance = await Instance.open({ redis: redis.url });
  });
  afterAll(() => instance.close());
  // Beside what is planted, a session that nothing is wrong with.
  beforeEach(async () => {
    const session = instance.sessionOf();
    session.signIn('ben');
    await instance.save(session);
  });
  afterEach(() => redis.client.flushdb());

  const until = `${Date.now() + 600_000}`;
  const whole = ['~v', '1', '~created', '1', '~seen', '1', '~idle', '60', '~until', until];
  const key = 'session:{a1b2}:planted-session-id';

  it.each<[string, string[][], string[]]>([
    [
      'a key without time to live',
      [['set', 'session-gone:{a1b2}:x', 'renewed']],
      ['session-gone:{a1b2}:x has no time to live'],
    ],
    [
      'what is left of a session',
      [['hset', key, 'visits', '1', '~id', 'planted-']],
      [
        `${key} has no time to live`,
        `${key} is not a whole session: no ~v, ~created, ~seen, ~idle, ~until`,
      ],
    ],
    [
      'a session under the key of another',
      [
        ['hset', key, '~id', 'somebody', ...whole],
        ['expire', key, '60'],
      ],
      [`${key} holds another session`],
    ],
    [
      'a session that lives too long',
      [
        ['hset', key, '~id', 'planted-', ...whole],
        ['expire', key, '900'],
      ],
      [`${key} outlives its deadline`],
    ],
    [
      'a session that its user could not end',
      [
        ['hset', key, '~id', 'planted-', '~user', 'ana', '~auth', '1', ...whole],
        ['expire', key, '60'],
      ],
      [`${key} is not in its user's set`],
    ],
    [
      'a set that ends before its session',
      [
        ['hset', key, '~id', 'planted-', '~user', 'ana', '~auth', '1', ...whole],
        ['expire', key, '60'],
        ['sadd', 'session-user:{a1b2}:ana', 'planted-session-id'],
        ['expire', 'session-user:{a1b2}:ana', '30'],
      ],
      [`${key} outlives its user's set`],
    ],
    [
      'a key of another type',
      [['set', key, 'x', 'EX', '60']],
      [`${key} is a string instead of a hash`],
    ],
    [
      'a key that it does not know',
      [['set', 'sesion:x', '1', 'EX', '60']],
      ['sesion:x is no key of this library'],
    ],
  ])('reports %s', async (_what, planted, faults) => {
    for (const [command, ...args] of planted) await redis.client.call(command!, ...args);
    expect(await keyspaceFaults(redis.client)).toEqual(faults);
  });
});
