import { setTimeout as wait } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { SessionService } from 'nestjs-redis-session';
import { shardOfUser } from '../libs/session/src/core/token.js';
import { slotOf } from '../libs/session/src/redis/slot-of.js';
import { Log } from './events/support/log.js';
import { describeWithCluster } from './search/support/own-servers.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { type ClusterServers, SLOTS, startCluster } from './support/cluster-servers.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { times } from './support/scale.js';
import { Visitor, VisitorController } from './support/visitor.js';

const metadata = { controllers: [VisitorController] };

/** The browser of a visitor, at another instance. */
function at(site: TestApp, { jar }: Visitor): Visitor {
  const visitor = new Visitor(site);
  for (const [name, value] of jar.cookies) visitor.jar.cookies.set(name, value);
  return visitor;
}

async function signedIn(site: TestApp, user: string, note: string): Promise<Visitor> {
  const visitor = new Visitor(site);
  await visitor.post(`sign-in?user=${user}`);
  await visitor.post('write', { note });
  return visitor;
}

const statusOf = async (visitor: Visitor) => (await visitor.get('private')).status;

describe('SessionService.revokeAll, on two instances', () => {
  const redis = useRedis();
  let sites: TestApp[];
  beforeAll(async () => {
    // No events: an instance learns of a cutoff by asking.
    const options = { redis: redis.url, storeTimeoutMs: 10_000 };
    sites = await Promise.all(PLATFORMS.map((platform) => startApp(platform, options, metadata)));
  });
  afterAll(() => Promise.all((sites ?? []).map(({ app }) => app.close())));

  it('has ended every session on each instance once it resolves, whenever that is', async () => {
    const watcher = await signedIn(sites[0]!, 'watcher', 'none');
    const over = new AbortController();
    // Keeps both instances sure of what they know: one that has to ask would learn by chance.
    const traffic = sites.map(async (site) => {
      const visitor = at(site, watcher);
      while (!over.signal.aborted) {
        expect(await statusOf(visitor)).toBe(200);
        await wait(20);
      }
    });
    const rounds = times(30, 300);
    const results = Array.from({ length: rounds }, async (_, round) => {
      await wait((Math.random() * 100 * rounds) / 3);
      const note = `tenant ${round}`;
      const here = await signedIn(sites[round % 2]!, `user-${round}`, note);
      const there = at(sites[(round + 1) % 2]!, here);
      const before = await Promise.all([here, there].map(statusOf));
      const service = sites[round % 2]!.app.get(SessionService);
      await service.revokeAll({ before: Date.now(), where: { note } });
      return [...before, ...(await Promise.all([here, there].map(statusOf)))];
    });
    const statuses = await Promise.all(results);
    over.abort();
    await Promise.all(traffic);
    expect(statuses).toEqual(Array.from({ length: rounds }, () => [200, 200, 401, 401]));
  }, 120_000);
});

describeWithCluster('SessionService.revokeAll, at a Cluster', () => {
  let cluster: ClusterServers;
  let site: TestApp;
  const log = new Log();
  const clients: Cluster[] = [];
  /** The server that has the cutoffs. */
  const home = SLOTS.findIndex(([, last]) => slotOf('session-cutoffs') <= last);

  beforeAll(async () => {
    cluster = await startCluster({ settings: { 'cluster-require-full-coverage': 'no' } });
    const redis = () => {
      const client = new Cluster([...cluster.addresses], {
        redisOptions: { disconnectTimeout: 50 },
      });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    };
    site = await startApp('fastify', { redis, storeTimeoutMs: 1000 }, metadata, (app) => {
      app.useLogger(log);
    });
  }, 60_000);
  afterAll(async () => {
    await site?.app.close();
    for (const client of clients) client.disconnect();
    await cluster?.stop();
  });

  /** A user whose sessions are on another server than the cutoffs. */
  const userElsewhere = () => {
    for (let i = 0; ; i++) {
      const slot = slotOf(shardOfUser(`user-${i}`));
      const [first, last] = SLOTS[home]!;
      if (slot < first || slot > last) return `user-${i}`;
    }
  };

  it('is refused while their server is frozen; sessions on the others go on, and it ends them afterwards', async () => {
    const visitor = await signedIn(site, userElsewhere(), 'acme');
    const revokeAll = () =>
      site.app.get(SessionService).revokeAll({ before: Date.now(), where: { note: 'acme' } });
    await cluster.primaries[home]!.freeze();
    await wait(2500);
    const frozen = [];
    for (let i = 0; i < 20; i++) {
      frozen.push(await statusOf(visitor));
      await wait(100);
    }
    const refused = await revokeAll().catch((error: unknown) => error);
    await cluster.primaries[home]!.thaw();
    expect(frozen).toEqual(Array(20).fill(200));
    expect(refused).toMatchObject({ code: 'SESSION_STORE' });
    expect(log.matching(/^Cutoffs of sessions cannot be read/)).toHaveLength(1);
    await eventually('it is carried out', () =>
      revokeAll().then(
        () => true,
        () => false,
      ),
    );
    expect(await statusOf(visitor)).toBe(401);
    expect(log.matching(/^Cutoffs of sessions can be read again/)).toHaveLength(1);
  }, 60_000);
});
