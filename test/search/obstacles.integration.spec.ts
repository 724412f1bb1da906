import { Redis } from 'ioredis';
import type { SessionOptions } from 'nestjs-redis-session';
import type { RedisServer } from '../../redis-server/launch.js';
import { eventually } from '../support/eventually.js';
import { type TestRedis, useRedis } from '../support/redis.js';
import { startCluster } from '../support/cluster-servers.js';
import type { Servers } from '../support/servers.js';
import { Actor } from './support/actor.js';
import {
  expectNoAnswers,
  expectNoSearch,
  expectSearch,
  expectSessionsToWork,
} from './support/obstacle.js';
import { describeWithCluster, describeWithOwnSearch } from './support/own-servers.js';
import { describeWithPlainRedis, launchPlainRedis } from './support/plain-redis.js';
import { SearchedSite, type SiteOptions } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

async function withSite(
  redis: TestRedis,
  options: SiteOptions,
  act: (site: SearchedSite) => Promise<void>,
): Promise<void> {
  const site = await SearchedSite.start(redis, options);
  try {
    await act(site);
  } finally {
    await site.close();
  }
}

describeWithPlainRedis('a Redis without Search', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await launchPlainRedis();
    client = new Redis(server.url, { disconnectTimeout: 50 });
  });
  afterAll(async () => {
    client?.disconnect();
    await server?.stop();
  });

  it.each([true, false])(
    'refuses to search, and sessions work (prepareIndexAtStart: %s)',
    (prepareIndexAtStart) =>
      withSite({ server, client, url: server.url }, { prepareIndexAtStart }, async (site) => {
        await expectNoSearch(site.search, 'SESSION_SEARCH', 'Use Redis 8 or Redis Stack');
        await expectSessionsToWork(site);
      }),
  );
});

describeWithSearch('a client that Search does not get along with', () => {
  const redis = useRedis();
  const server = () => ({ host: '127.0.0.1', port: Number(new URL(redis.url).port) });
  let handedIn: Redis | undefined;
  afterEach(() => handedIn?.disconnect());
  const handIn = (options: object) => () =>
    (handedIn = new Redis({ ...server(), ...options, disconnectTimeout: 50 }));

  it.each<[what: string, given: () => SessionOptions['redis'], words: string]>([
    ['a URL with another database', () => `${redis.url}/1`, 'answers for database 0 only'],
    [
      'options with another database',
      () => ({ ...server(), db: 2 }),
      'answers for database 0 only',
    ],
    ['a client with another database', () => handIn({ db: 3 }), 'answers for database 0 only'],
    [
      'options with a keyPrefix',
      () => ({ ...server(), keyPrefix: 'mine:' }),
      'keyPrefix of its own',
    ],
    ['a client with a keyPrefix', () => handIn({ keyPrefix: 'mine:' }), 'keyPrefix of its own'],
  ])('%s: searches are refused, and sessions work', (_, given, words) =>
    withSite(redis, { redis: given() }, async (site) => {
      await expectNoSearch(site.search, 'SESSION_SEARCH', words);
      await expectSessionsToWork(site);
    }),
  );
});

describeWithSearch('an index that is not there', () => {
  const redis = useRedis();
  const stateOf = (site: SearchedSite) =>
    redis.client.keys(`${site.keyPrefix}session-index-state:*`);

  it('because none is declared, is a mistake of the program; nothing is written for it', () =>
    withSite(redis, { index: undefined as never }, async (site) => {
      await expectNoSearch(site.search, 'SESSION_CONFIG', 'SessionModule.forRoot({ index:');
      await expectSessionsToWork(site);
      expect(await redis.client.keys(`${site.keyPrefix}session-index*`)).toEqual([]);
      const id = await site.begin({ tenant: 'acme' });
      expect(await redis.client.hget(site.keyOfSession(id), '~index')).toBeNull();
    }));

  it('because nobody has prepared it, is an error until somebody does', () =>
    withSite(redis, { prepareIndexAtStart: false }, async (site) => {
      const id = await site.begin({ tenant: 'acme' });
      await expectNoAnswers(site.search, 'SESSION_SEARCH', 'Call SessionSearch.prepare() once');
      await expectSessionsToWork(site);
      await site.search.prepare();
      expect(await site.idsOf({ tenant: 'acme' })).toEqual([id]);
    }));

  it('because another instance fills it still, is an error that says how far that is', async () => {
    const keyPrefix = 'filling:';
    await withSite(redis, { keyPrefix }, async (first) => {
      await first.isFilled();
      const [state] = await stateOf(first);
      const id = await first.begin({ tenant: 'acme' });
      const byAnother = { complete: '', done: 50, total: 200, filler: 'another' };
      await redis.client.hset(state!, { ...byAnother, fillerAt: Date.now() + 60_000 });
      await withSite(redis, { keyPrefix }, async (second) => {
        await expectNoAnswers(second.search, 'SESSION_SEARCH', '25 % of the keys');
        expect(await second.search.status()).toMatchObject({ isComplete: false, progress: 0.25 });
        await expectSessionsToWork(second);
        // The other one has died: it has said nothing for a while.
        await redis.client.hset(state!, 'fillerAt', Date.now() - 60_000);
        await second.isFilled();
        expect(await second.idsOf({ tenant: 'acme' })).toEqual([id]);
      });
    });
  });

  it.each<[what: string, remove: (site: SearchedSite) => Promise<unknown>, isKept: boolean]>([
    [
      'somebody removed it',
      async (site) => {
        const { version } = await site.search.status();
        await redis.client.call('FT.DROPINDEX', `${site.keyPrefix}session-index:${version}`);
      },
      true,
    ],
    [
      'somebody removed it and the documents',
      async (site) => {
        const { version } = await site.search.status();
        await redis.client.call('FT.DROPINDEX', `${site.keyPrefix}session-index:${version}`, 'DD');
      },
      true,
    ],
    ['somebody emptied Redis', () => redis.client.flushall(), false],
  ])('because %s, is an error, and comes back by itself', (_, remove, isKept) =>
    withSite(redis, {}, async (site) => {
      await site.isFilled();
      const id = await site.begin({ tenant: 'acme' });
      expect(await site.idsOf({ tenant: 'acme' })).toEqual([id]);
      await remove(site);
      const error = await site.search.count().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'SESSION_SEARCH' });
      expect(String(error)).toContain('The index is not there');
      await expectSessionsToWork(site);
      await site.isFilled();
      await eventually('questions are answered again', async () =>
        site.idsOf({ tenant: 'acme' }).then(
          (ids) => ids.length === (isKept ? 1 : 0),
          () => false,
        ),
      );
      const another = await site.begin({ tenant: 'globex' });
      expect(await site.idsOf({ tenant: 'globex' })).toEqual([another]);
    }),
  );
});

describeWithOwnSearch('a Redis that is away at the start', () => {
  const redis = useRedis({ settings: { appendfsync: 'always' } });

  it('has its index as soon as it is back', async () => {
    const keyPrefix = 'away:';
    let id = '';
    await withSite(redis, { keyPrefix, index: undefined as never }, async (site) => {
      id = await site.begin({ tenant: 'acme' });
    });
    await redis.server.crash();
    await withSite(redis, { keyPrefix, storeTimeoutMs: 300 }, async (site) => {
      await expectNoAnswers(site.search, 'SESSION_STORE', 'Redis');
      expect((await new Actor(site).post('act', { set: { tenant: 'acme' } })).status).toBe(503);
      await redis.server.start();
      await site.isFilled();
      expect(await site.idsOf({ tenant: 'acme' })).toEqual([id]);
      await expectSessionsToWork(site);
    });
  });
});

describeWithCluster('a Cluster of three primaries', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startCluster();
  });
  afterAll(() => servers?.stop());

  it('is searched by Redis 8 alone: searches are refused before that, and sessions work', async () => {
    const [node] = servers.nodes as readonly Redis[];
    const modules = String(await node!.info('modules'));
    const version = Number(/name=search,ver=(\d+)/.exec(modules)?.[1] ?? 0);
    const client = servers.connect();
    const redis = { client: node!, url: '', server: undefined as never };
    try {
      await withSite(redis, { redis: client as never }, async (site) => {
        const words = version === 0 ? 'Use Redis 8 or Redis Stack' : 'Use Redis 8, whose Search';
        const expectIt = version < 80_000 ? expectNoSearch : expectSearch;
        await expectIt(site.search, 'SESSION_SEARCH', words);
        await expectSessionsToWork(site);
      });
    } finally {
      client.disconnect();
    }
  });
});
