import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import type { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { commandsDuring, useRedis } from '../support/redis.js';
import { accident, RESOLVERS } from './resolvers.js';
import { GRAPHQL_SERVERS, GraphQLVisitor, startGraphQL } from './servers.js';
import { subscribe } from './subscribe.js';

describe.each(GRAPHQL_SERVERS)('A resolver, with $name', (server) => {
  const redis = useRedis();
  let site: TestApp;
  let alice: GraphQLVisitor;
  beforeAll(async () => {
    site = await startGraphQL(server, { redis: redis.url }, RESOLVERS);
    alice = new GraphQLVisitor(site);
    await alice.ask('mutation { signIn(user: "alice") write(note: "hers") }');
    // The server learns the scripts.
    await alice.ask('{ note }');
    await alice.ask('mutation { visit }');
  });
  afterAll(() => site.app.close());

  const cost = async (act: () => Promise<unknown>) =>
    (await commandsDuring(redis, act)).map(([name]) => name!.toLowerCase());

  it('has the session of the request', async () => {
    expect((await alice.ask('{ userId note }')).data).toEqual({ userId: 'alice', note: 'hers' });
  });

  it('is a stranger to a visitor without a session, who gets none for asking', async () => {
    const answer = await new GraphQLVisitor(site).ask('{ userId note }');
    expect(answer.data).toEqual({ userId: null, note: null });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.get('vary')?.toLowerCase()).toContain('cookie');
  });

  it('leaves the response alone that asks for no session', async () => {
    const answer = await alice.ask('{ open }');
    expect(answer.data).toEqual({ open: 'to all' });
    expect(answer.headers.get('vary')?.toLowerCase() ?? '').not.toContain('cookie');
  });

  it('begins a session, renews it at a sign-in, and ends it', async () => {
    const bob = new GraphQLVisitor(site);
    await bob.ask('mutation { write(note: "a guest") }');
    const asGuest = bob.jar.header;
    await bob.ask('mutation { signIn(user: "bob") }');
    expect(bob.jar.header).not.toBe(asGuest);
    expect((await bob.ask('{ userId note }')).data).toEqual({ userId: 'bob', note: 'a guest' });
    await bob.ask('mutation { signOut }');
    expect(bob.jar.header).toBe('');
  });

  describe('shares the session with all others of a request', () => {
    const carol = () => new GraphQLVisitor(site);

    it('that run one after the other, in a mutation: read once, saved once', async () => {
      const visitor = carol();
      await visitor.ask('mutation { visit }');
      const mutation = 'mutation { a: visit write(note: "b") b: visit }';
      expect(await cost(() => visitor.ask(mutation))).toEqual(['hgetall', 'evalsha']);
      expect((await visitor.ask('{ count note }')).data).toEqual({ count: 3, note: 'b' });
    });

    it('that run at the same time, in a query: read once, saved once', async () => {
      const visitor = carol();
      await visitor.ask('mutation { visit }');
      const query = '{ page { a: seen b: seen c: seen } userId }';
      expect(await cost(() => visitor.ask(query))).toEqual(['hgetall', 'evalsha']);
      expect((await visitor.ask('{ count }')).data).toEqual({ count: 4 });
    });

    it('of a batch: read once, saved once', async () => {
      const visitor = carol();
      await visitor.ask('mutation { visit }');
      const batch = ['mutation { visit }', 'mutation { write(note: "c") }', '{ userId }'];
      expect(await cost(() => visitor.askAtOnce(...batch))).toEqual(['hgetall', 'evalsha']);
      expect((await visitor.ask('{ count note }')).data).toEqual({ count: 2, note: 'c' });
    });
  });

  describe('that takes only a field', () => {
    it.each([
      ['is the only one', '{ note }', { note: 'hers' }, ['evalsha']],
      ['is asked twice', '{ note again: note }', { note: 'hers', again: 'hers' }, ['evalsha']],
      ['has a guard', '{ secretNote }', { secretNote: 'hers' }, ['evalsha']],
      [
        'is beside one that takes another',
        '{ note count }',
        { note: 'hers', count: 1 },
        ['evalsha', 'hgetall'],
      ],
      [
        'is beside one that takes all',
        '{ note userId }',
        { note: 'hers', userId: 'alice' },
        ['evalsha', 'hgetall'],
      ],
      [
        'comes after one that takes all',
        '{ userId note }',
        { note: 'hers', userId: 'alice' },
        ['hgetall'],
      ],
    ])('has as little fetched as may be, where it %s', async (_, query, data, commands) => {
      expect(await cost(() => alice.ask(query))).toEqual(commands);
      expect((await alice.ask(query)).data).toEqual(data);
    });
  });

  describe('that is guarded', () => {
    const refusal = (code: string) => ({
      code: 'UNAUTHENTICATED',
      originalError: expect.objectContaining({ statusCode: 401, code }),
    });

    it('is reached by a user', async () => {
      const { data, errors } = await alice.ask('{ secret fresh open }');
      expect({ data, errors }).toEqual({
        data: { secret: 'alice', fresh: 'fresh', open: 'to all' },
        errors: undefined,
      });
    });

    it.each([
      ['{ secret }', 'SESSION_REQUIRED'],
      ['{ fresh }', 'SESSION_REQUIRED'],
    ])('refuses a stranger, who finds the code in the extensions: %s', async (query, code) => {
      const { data, errors } = await new GraphQLVisitor(site).ask(query);
      expect(data).toBeNull();
      expect(errors).toHaveLength(1);
      expect(errors![0]).toMatchObject({ message: 'Sign in first.', extensions: refusal(code) });
    });

    it('says why a session is gone', async () => {
      const bob = new GraphQLVisitor(site);
      await bob.ask('mutation { signIn(user: "bob") }');
      const cookies = new Map(bob.jar.cookies);
      await bob.ask('mutation { signOut }');
      for (const [name, value] of cookies) bob.jar.cookies.set(name, value);
      const { errors } = await bob.ask('{ secret }');
      expect(errors![0]!.extensions).toMatchObject(refusal('SESSION_SIGNED_OUT'));
    });

    it('refuses a user whose sign-in is not fresh', async () => {
      const { errors } = await alice.ask('{ stale }');
      expect(errors![0]!.extensions).toMatchObject(refusal('SESSION_NOT_FRESH'));
    });
  });

  it('of a subscription is told that there is no session', async () => {
    const { message } = await subscribe(site.url, 'subscription { userIds }');
    expect(message).toMatch(/asked for in a GraphQL subscription, or over a websocket/);
  });

  it('of a query over a websocket is told the same', async () => {
    const { message } = await subscribe(site.url, '{ userId }');
    expect(message).toMatch(/asked for in a GraphQL subscription, or over a websocket/);
  });
});

describe.each(GRAPHQL_SERVERS)('The context of $name', (server) => {
  const redis = useRedis();

  const ask = async (context: unknown) => {
    const site = await startGraphQL(server, { redis: redis.url }, RESOLVERS, { context });
    try {
      const visitor = new GraphQLVisitor(site);
      await visitor.ask('mutation { signIn(user: "alice") }');
      return await visitor.ask('{ userId }');
    } finally {
      await site.app.close();
    }
  };

  it.each([
    ['as req', (given: Given) => ({ req: given.req ?? given })],
    ['as request', (given: Given) => ({ req: { tenant: 'a' }, request: given.req ?? given })],
    ['beside something else, by the driver', { tenant: 'a' }],
  ])('leads to the session, where it has the request %s', async (_, context) => {
    expect((await ask(context)).data).toEqual({ userId: 'alice' });
  });

  // Mercurius adds `reply`, whatever else there is.
  const alwaysHasOne = server.name === 'Mercurius';
  it(`${alwaysHasOne ? 'always has the' : 'is said to lack a'} request`, async () => {
    const { data, errors } = await ask(() => ({ req: { tenant: 'a' } }));
    expect(data?.['userId'] ?? errors![0]!.message).toMatch(
      alwaysHasOne ? /^alice$/ : /no HTTP request in the GraphQL context/,
    );
  });
});

describe.each(GRAPHQL_SERVERS)('While Redis is away, with $name', (server) => {
  let redis: RedisServer;
  let site: TestApp;
  let alice: GraphQLVisitor;
  beforeAll(async () => {
    redis = await launchRedis();
    site = await startGraphQL(server, { redis: redis.url, storeTimeoutMs: 300 }, RESOLVERS);
    alice = new GraphQLVisitor(site);
    await alice.ask('mutation { signIn(user: "alice") write(note: "hers") }');
  });
  afterEach(async () => {
    accident.happen = async () => undefined;
    await redis.start();
    await eventually('Redis is asked again', async () => !(await alice.ask('{ secret }')).errors);
  });
  afterAll(async () => {
    await site.app.close();
    await redis.stop();
  });

  it('a resolver that needs a session fails with 503, and the others do not', async () => {
    await redis.crash();
    const { data, errors, headers } = await alice.ask('{ userId open isUnavailable }');
    expect(data).toEqual({ userId: null, open: 'to all', isUnavailable: true });
    expect(errors).toHaveLength(1);
    expect(errors![0]!.extensions).toMatchObject({
      code: 'INTERNAL_SERVER_ERROR',
      originalError: { statusCode: 503, code: 'SESSION_STORE' },
    });
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.getSetCookie()).toEqual([]);
  });

  it('takes nobody for signed out', async () => {
    await redis.crash();
    const { errors } = await alice.ask('{ secret }');
    expect(errors![0]!.extensions?.originalError?.statusCode).toBe(503);
  });

  it('does not answer yes to what could not be saved', async () => {
    accident.happen = () => redis.crash();
    const { status, code, data } = await alice.ask('mutation { writeInAnAccident }');
    expect({ status, code, data }).toEqual({
      status: 503,
      code: 'SESSION_STORE',
      data: undefined,
    });
  });
});

/** Apollo on Express hands over `{ req, res }`, Fastify the request itself. */
type Given = { req?: object };
