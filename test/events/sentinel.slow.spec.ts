import { eventually } from '../support/eventually.js';
import { describeUnless, noServersThatMeet } from '../support/obstacles.js';
import { type SentinelSite, startSentinelSite } from '../support/sentinel-site.js';
import { Visitor } from '../support/visitor.js';
import {
  heardBy,
  type ListeningSite,
  settled,
  startListeningSite,
} from './support/listening-site.js';

describeUnless(noServersThatMeet, 'events behind Sentinels', () => {
  let servers: SentinelSite;
  let sites: ListeningSite[] = [];
  beforeAll(async () => {
    servers = await startSentinelSite({ 'notify-keyspace-events': 'Ex' });
    const options = { redis: servers.redis, storeTimeoutMs: 1000 };
    sites = [
      await startListeningSite('express', options),
      await startListeningSite('fastify', options, { expired: true }),
    ];
  }, 60_000);
  afterAll(async () => {
    await Promise.all(sites.map(({ app }) => app.close()));
    await servers?.stop();
  });

  it('are heard again from the new primary, and the gap is told', async () => {
    await settled(sites);
    await servers.untilReplicated();
    const before = await servers.primary();
    await servers.failover();
    await servers.untilAllNameAnotherThan(before);
    await eventually(
      'both are told',
      async () => sites.every(({ gaps }) => gaps.length > 0),
      30_000,
    );
    const visitor = new Visitor(sites[0]!);
    const events = await heardBy(sites, () => visitor.post('sign-in?user=alice'));
    expect(events).toMatchObject([{ type: 'signed-in', userId: 'alice' }]);
  }, 120_000);

  it('leave no connection to a Sentinel when the applications are closed', async () => {
    await Promise.all(sites.map(({ app }) => app.close()));
    sites = [];
    await eventually('nobody listens', async () => (await servers.listeners()) === 0);
    expect(await servers.listeners()).toBe(0);
  });
});
