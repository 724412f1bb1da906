import { Logger } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { SessionService } from 'nestjs-redis-session';
import { SessionEventsModule } from 'nestjs-redis-session/events';
import { SessionGraphQLModule, type SessionGraphQLOptions } from 'nestjs-redis-session/graphql';
import { launchRedis } from '../../redis-server/launch.js';
import type { SessionOptions } from '../../libs/session/src/session.options.js';
import { sessionOf } from '../events/support/listening-site.js';
import { startApp, type TestApp } from '../support/app.js';
import { useCleanup } from '../support/cleanup.js';
import { eventually } from '../support/eventually.js';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { commandsDuring, useRedis } from '../support/redis.js';
import { useStopwatch } from '../support/stopwatch.js';
import { converse, init, subscribe } from './converse.js';
import { listenersOf, NewsResolver, published, tell } from './news.js';
import { RESOLVERS } from './resolvers.js';
import { GRAPHQL_SERVERS, type GraphQLServer, GraphQLVisitor, startGraphQL } from './servers.js';
import { type Answer, openTab, type Tab } from './tab.js';

/** How long a socket may outlive its session. */
const LIMIT_MS = 1000;
const SHOP = 'https://shop.example';

const defer = useCleanup();

function start(
  server: GraphQLServer,
  session: SessionOptions,
  sockets?: SessionGraphQLOptions,
  more?: object,
): Promise<TestApp> {
  const graphql = sockets ? SessionGraphQLModule.forRoot(sockets) : SessionGraphQLModule;
  const modules = [SessionEventsModule.forRoot({}), graphql];
  const options = { fieldResolverEnhancers: ['guards', 'interceptors'], ...more };
  return startGraphQL(server, session, [...RESOLVERS, NewsResolver], options, modules);
}

async function visit(site: TestApp, user?: string): Promise<GraphQLVisitor> {
  const visitor = new GraphQLVisitor(site);
  if (user) await visitor.ask(`mutation { signIn(user: "${user}") }`);
  return visitor;
}

let topics = 0;
/** Begins to listen, at a topic of its own. */
async function listen(tab: Tab, fields: string, subscription = 'news') {
  const topic = `topic-${topics++}`;
  const answers = tab.listen(`subscription { ${subscription}(topic: "${topic}") { ${fields} } }`);
  const first = answers.next();
  await eventually('somebody listens', async () => listenersOf(topic) === 1);
  const news = ({ data, errors }: Answer) => errors ?? data![subscription];
  let next: Promise<IteratorResult<Answer, Answer | undefined>> | undefined = first;
  return {
    answers,
    topic,
    first,
    /** What comes of an event. */
    async told(title: string) {
      const coming = next ?? answers.next();
      next = undefined;
      tell(topic, title);
      return news((await coming).value as Answer);
    },
  };
}

describe.each(GRAPHQL_SERVERS)('Subscriptions, with $name', (server) => {
  const redis = useRedis();
  let here: TestApp;
  let there: TestApp;
  let alice: GraphQLVisitor;
  beforeAll(async () => {
    here = await start(server, { redis: redis.url });
    there = await start(server, { redis: redis.url });
    alice = await visit(here, 'alice');
  });
  afterAll(() => Promise.all([here, there].map(({ app }) => app.close())));

  const service = () => here.app.get(SessionService);
  const codes = ({ errors }: Answer) =>
    errors?.map(({ extensions }) => [extensions?.code, extensions?.originalError?.code]);

  describe('have the session of the handshake', () => {
    let tab: Tab;
    let strangers: Tab;
    beforeAll(async () => {
      tab = await openTab(there, alice);
      strangers = await openTab(there, await visit(there));
    });
    afterAll(() => Promise.all([tab, strangers].map((one) => one.close())));

    it('where they begin', async () => {
      expect((await tab.ask('subscription { userIds }')).data).toEqual({ userIds: 'alice' });
      const { data } = await strangers.ask('subscription { userIds }');
      expect(data).toEqual({ userIds: 'undefined' });
    });

    it('and a guard lets users pass, and refuses strangers', async () => {
      const members = await listen(tab, 'title', 'membersNews');
      expect(await members.told('for members')).toEqual({ title: 'for members' });
      await members.answers.return(undefined);
      const topic = 'nobody';
      const refused = await strangers.ask(
        `subscription { membersNews(topic: "${topic}") { title } }`,
      );
      expect(codes(refused)).toEqual([['UNAUTHENTICATED', 'SESSION_REQUIRED']]);
      expect(listenersOf(topic)).toBe(0);
      expect(codes(await strangers.ask('{ secret }'))).toEqual([
        ['UNAUTHENTICATED', 'SESSION_REQUIRED'],
      ]);
      expect((await strangers.ask('{ open }')).data).toEqual({ open: 'to all' });
    });

    it('and so does a guard over a field of an event', async () => {
      const members = await listen(tab, 'secret');
      expect(await members.told('one')).toEqual({ secret: 'alice' });
      const others = await listen(strangers, 'title secret');
      const errors = (await others.told('one')) as Answer['errors'];
      expect(codes({ errors })).toEqual([['UNAUTHENTICATED', 'SESSION_REQUIRED']]);
      await Promise.all([members, others].map(({ answers }) => answers.return(undefined)));
    });

    it('as it is now, with each event, which reads it once', async () => {
      const news = await listen(tab, 'reader note again: note');
      await alice.ask('mutation { write(note: "first") }');
      expect(await news.told('one')).toEqual({ reader: 'alice', note: 'first', again: 'first' });
      await alice.ask('mutation { write(note: "second") }');
      const commands = await commandsDuring(redis, async () => {
        const seen = await news.told('two');
        expect(seen).toEqual({ reader: 'alice', note: 'second', again: 'second' });
      });
      // Instances are told of the change besides, sooner or later.
      const reads = commands
        .map(([name]) => name!.toLowerCase())
        .filter((name) => name !== 'publish');
      expect(reads).toEqual(['hgetall']);
      await news.answers.return(undefined);
    });

    it('and save what they do to it when they begin, and their events only read it', async () => {
      const bob = await visit(here, 'bob');
      const bobs = await openTab(there, bob);
      defer(() => bobs.close());
      const news = await listen(bobs, 'title', 'countedNews');
      expect((await bob.ask('{ count }')).data).toEqual({ count: 1 });
      tell(news.topic, 'private');
      expect(await news.told('public')).toEqual({ title: 'public' });
      const changing = await listen(bobs, 'remember');
      expect(await changing.told('a change')).toMatchObject([
        { message: expect.stringMatching(/when it was already saved/) as string },
      ]);
      expect((await bob.ask('{ count note }')).data).toEqual({ count: 1, note: null });
    });

    it('in queries and mutations over the socket too, which save theirs', async () => {
      const carol = await visit(here, 'carol');
      const carols = await openTab(there, carol);
      defer(() => carols.close());
      expect((await carols.ask('{ userId note }')).data).toEqual({ userId: 'carol', note: null });
      const mutation = 'mutation { a: visit b: visit writeNews(note: "c") { note reader } }';
      expect((await carols.ask(mutation)).data).toEqual({
        a: 1,
        b: 2,
        writeNews: { note: 'c', reader: 'carol' },
      });
      expect((await carol.ask('{ count note }')).data).toEqual({ count: 2, note: 'c' });
      expect((await carols.ask('{ page { seen } }')).errors).toHaveLength(1);
    });

    it('but cannot give it a new token', async () => {
      const { errors } = await tab.ask('mutation { signIn(user: "olga") }');
      expect(errors).toMatchObject([{ message: expect.stringMatching(/token/) as string }]);
      expect((await tab.ask('{ userId }')).data).toEqual({ userId: 'alice' });
      const ofStranger = await strangers.ask('mutation { write(note: "lost") }');
      expect(ofStranger.errors).toHaveLength(1);
    });
  });

  describe('are closed', () => {
    const stopwatch = useStopwatch(() => [() => redis.client.ping()]);

    /** Why the tabs are closed by what is done. */
    const closedBy = async (tabs: readonly Tab[], act: () => Promise<unknown>) => {
      const lap = stopwatch.start();
      await act();
      const reasons = await Promise.all(tabs.map(({ closed }) => closed));
      expect(lap().ownMs).toBeLessThan(LIMIT_MS);
      return reasons;
    };
    /** A tab at each instance. */
    const tabsOf = (visitor: GraphQLVisitor) =>
      Promise.all([openTab(here, visitor), openTab(there, visitor)]);

    it('on every instance when their session is revoked, and those of others are not', async () => {
      const [bob, other] = [await visit(here, 'bob'), await visit(here, 'bob')];
      const [tabs, spared] = [await tabsOf(bob), await tabsOf(other)];
      const news = await listen(tabs[1], 'title');
      const end = news.first.catch((event: { code: number }) => event.code);
      const revoke = () => service().revoke(sessionOf(bob as never));
      const reasons = await closedBy(tabs, revoke);
      expect(reasons).toEqual(['4401 SESSION_REVOKED', '4401 SESSION_REVOKED']);
      expect(await end).toBe(4401);
      await eventually('nobody listens', async () => listenersOf(news.topic) === 0);
      for (const tab of spared) {
        expect((await tab.ask('subscription { userIds }')).data).toEqual({ userIds: 'bob' });
        await tab.close();
      }
    });

    it('when the visitor signs out, elsewhere or over the socket', async () => {
      const bob = await visit(here, 'bob');
      const elsewhere = await closedBy(await tabsOf(bob), () => bob.ask('mutation { signOut }'));
      expect(elsewhere).toEqual(['4401 SESSION_SIGNED_OUT', '4401 SESSION_SIGNED_OUT']);
      const tabs = await tabsOf(await visit(here, 'bob'));
      const over = await closedBy(tabs, async () => {
        expect((await tabs[0].ask('mutation { signOut }')).data).toEqual({ signOut: true });
      });
      expect(over).toEqual(['4401 SESSION_SIGNED_OUT', '4401 SESSION_SIGNED_OUT']);
    });

    it('when a guest signs in, and stay open when the same user confirms who they are', async () => {
      const guest = await visit(here);
      await guest.ask('mutation { write(note: "mine") }');
      const signIn = () => guest.ask('mutation { signIn(user: "olga") }');
      const asGuest = await closedBy(await tabsOf(guest), signIn);
      expect(asGuest).toEqual(['4401 SESSION_SIGNED_IN', '4401 SESSION_SIGNED_IN']);
      const tabs = await tabsOf(guest);
      await signIn();
      for (const tab of tabs)
        expect((await tab.ask('{ userId }')).data).toEqual({ userId: 'olga' });
      const revoked = await closedBy(tabs, () => service().revokeAllOfUser('olga'));
      expect(revoked).toEqual(['4401 SESSION_REVOKED', '4401 SESSION_REVOKED']);
    });
  });

  describe('may be opened', () => {
    const sites: TestApp[] = [];
    afterAll(() => Promise.all(sites.map(({ app }) => app.close())));

    const attempt = async (site: TestApp, visitor: GraphQLVisitor, origin: string) => {
      try {
        const tab = await openTab(site, visitor, { origin });
        await tab.close();
        return 'open';
      } catch (error) {
        return (error as Error).message;
      }
    };

    it('by pages of the same host', async () => {
      expect(await attempt(here, alice, here.url)).toBe('open');
      for (const origin of [SHOP, there.url, 'null']) {
        expect(await attempt(here, alice, origin)).toBe('4403 SESSION_ORIGIN');
      }
    });

    it('by pages that are named, and by users alone, where the options say so', async () => {
      const options = { allowedOrigins: [SHOP], signedInOnly: true };
      const closed = await start(server, { redis: redis.url }, options);
      sites.push(closed);
      expect(await attempt(closed, alice, SHOP)).toBe('open');
      const said: string[] = [];
      const hear = (message: string, context: string) => void said.push(`${context}: ${message}`);
      Logger.overrideLogger({ log: hear, warn: hear, error: hear });
      expect(await attempt(closed, alice, closed.url)).toBe('4403 SESSION_ORIGIN');
      Logger.overrideLogger(false);
      expect(said.join()).toMatch(/^SessionGraphQL: .* SessionGraphQLModule\.forRoot\(/);
      expect(await attempt(closed, await visit(closed), SHOP)).toBe('4401 SESSION_REQUIRED');
    });

    it('and nothing is done for who was refused, whatever they say besides', async () => {
      const visitor = await visit(here, 'carol');
      const headers = { origin: SHOP, cookie: visitor.jar.header };
      const mutation = subscribe('1', 'mutation { publish(title: "refused") visit }');
      const said = await converse(here, headers, [{ send: [init(), mutation], answers: Infinity }]);
      expect(said.join()).not.toContain('"publish"');
      expect(published).toEqual([]);
      expect((await visitor.ask('{ count }')).data).toEqual({ count: null });
    });

    it('and a cookie in place of that of the handshake is not looked at', async () => {
      const cookie = alice.jar.header;
      const ask = (id: string) => subscribe(id, 'subscription { userIds }');
      const begin = init({ cookie, headers: { cookie } });
      const said = await converse(here, { origin: here.url }, [
        { send: [begin], answers: 1 },
        { send: [ask('1')], answers: 2 },
        // graphql-ws closes here, and Mercurius begins anew.
        { send: [begin], answers: 1 },
        { send: [ask('2')], answers: 2 },
      ]);
      expect(said.filter((text) => text.includes('"undefined"')).length).toBeGreaterThan(0);
      expect(said.join()).not.toContain('alice');
    });

    it('with questions of the application besides, which are asked of nobody who is refused', async () => {
      const asked: unknown[] = [];
      const more = {
        subscriptions: { 'graphql-ws': { onConnect: () => void asked.push('Apollo') } },
        subscription: {
          fullWsTransport: true,
          context: () => (asked.push('Mercurius'), { tenant: 'a' }),
        },
      };
      const site = await start(server, { redis: redis.url }, undefined, more);
      sites.push(site);
      expect(await attempt(site, alice, SHOP)).toBe('4403 SESSION_ORIGIN');
      expect(asked).toEqual([]);
      expect(await attempt(site, alice, site.url)).toBe('open');
      expect(asked).toEqual([server.name.split(' ')[0]]);
    });
  });
});

describe('The sessions of subscriptions', () => {
  const redis = useRedis();
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);
  it.each(GRAPHQL_SERVERS)(
    'end in time, with $name: only what a visitor does puts that off',
    async (server) => {
      const site = await start(server, {
        redis: redis.url,
        idleTimeoutSeconds: 2,
        touchIntervalSeconds: 0,
      });
      defer(() => site.app.close());
      const [idle, busy] = [await visit(site, 'alice'), await visit(site, 'bob')];
      const [hearing, asking] = [await openTab(site, idle), await openTab(site, busy)];
      const news = await listen(hearing, 'reader');
      const endsAt = async (visitor: GraphQLVisitor) =>
        (await site.app.get(SessionService).find(sessionOf(visitor as never)))!.expiresAt.getTime();
      const end = await endsAt(idle);
      const alive = setInterval(() => {
        void asking.ask('{ userId }').catch(() => undefined);
        if (Date.now() < end) tell(news.topic, 'more');
      }, 200);
      defer(() => clearInterval(alive));
      const lap = stopwatch.start();
      expect(await news.told('something')).toEqual({ reader: 'alice' });
      expect(await hearing.closed).toBe('4401 SESSION_EXPIRED');
      expect(Date.now() - end - lap().delayMs).toBeLessThan(LIMIT_MS);
      expect(await endsAt(busy)).toBeGreaterThan(end + 500);
      expect(asking.isOpen).toBe(true);
    },
  );

  it('are not to be had where the server starts first, which the error says', async () => {
    const [{ options, platform }] = GRAPHQL_SERVERS as readonly [GraphQLServer];
    const graphql = GraphQLModule.forRoot({ autoSchemaFile: true, ...options });
    const imports = [
      { ...graphql, global: true },
      SessionEventsModule.forRoot({}),
      SessionGraphQLModule,
    ];
    const site = await startApp(platform, { redis: redis.url }, { imports, providers: RESOLVERS });
    defer(() => site.app.close());
    const tab = await openTab(site, await visit(site, 'alice'));
    const { errors } = await tab.ask('subscription { userIds }');
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/nobody has seen its handshake/) as string },
    ]);
  });

  it.each([
    [
      'with options and without events',
      [SessionGraphQLModule.forRoot({ signedInOnly: true })],
      /SessionGraphQLModule.*import SessionEventsModule/,
    ],
    [
      'twice, with options once',
      [
        SessionEventsModule.forRoot({}),
        SessionGraphQLModule,
        SessionGraphQLModule.forRoot({ signedInOnly: true }),
      ],
      /configured 2 times in one application/,
    ],
    [
      'with an option that is wrong',
      [
        SessionEventsModule.forRoot({}),
        SessionGraphQLModule.forRoot({ allowedOrigins: ['shop.example'] }),
      ],
      /SessionGraphQLModule.*allowedOrigins/,
    ],
  ])('cannot be had %s', async (_, modules, message) => {
    const starting = startGraphQL(
      GRAPHQL_SERVERS[0]!,
      { redis: redis.url },
      RESOLVERS,
      {},
      modules,
    );
    await expect(starting).rejects.toThrow(message);
  });
});

describeUnless(notOurs, 'A Redis that restarts', () => {
  it('closes no socket of a session that lives', async () => {
    const redis = await launchRedis();
    defer(() => redis.stop());
    const sites = await Promise.all(
      GRAPHQL_SERVERS.map((server) => start(server, { redis: redis.url })),
    );
    defer(() => Promise.all(sites.map(({ app }) => app.close())));
    const [site] = sites as [TestApp];
    const alice = await visit(site, 'alice');
    const tabs = await Promise.all(sites.map((one) => openTab(one, alice)));
    await redis.crash();
    await redis.start();
    for (const tab of tabs) {
      await eventually(
        'it answers',
        async () => (await tab.ask('{ secret }')).data?.['secret'] === 'alice',
      );
    }
    const signOut = () => alice.ask('mutation { signOut }');
    await eventually(
      'they are signed out',
      async () => (await signOut()).data?.['signOut'] === true,
    );
    const reasons = await Promise.all(tabs.map(({ closed }) => closed));
    expect(reasons).toEqual(Array(3).fill('4401 SESSION_SIGNED_OUT'));
  });
});
