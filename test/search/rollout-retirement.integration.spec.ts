import { RedisIndexStore } from '../../libs/session/src/redis/search/redis-index-store.js';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { useCleanup } from '../support/cleanup.js';
import { eventually } from '../support/eventually.js';
import { assertSoundKeyspace } from '../support/keyspace-oracle.js';
import { useRedis } from '../support/redis.js';
import { type After, type Before, Rollout } from './rollout-sites.js';
import { writeDocuments } from './support/documents.js';
import { describeWithSearch } from './support/with-search.js';

const defer = useCleanup();

/** Search takes a second to read them. */
const DOCUMENTS = 20_000;
const MINUTES = 60_000;
const data = (i: number) => ({ tenant: `t${i % 2}`, views: i });

describeWithSearch('an index and the instances that use it', () => {
  const redis = useRedis();
  let rollout: Rollout;
  beforeEach(() => {
    rollout = new Rollout(redis);
  });
  afterEach(async () => {
    await rollout.close();
    await assertSoundKeyspace(redis.client, rollout.keyPrefix);
    await redis.client.flushall();
  });

  const versionOf = async (site: Before | After) => (await site.search.status()).version;

  it('is removed when nobody has used it for three minutes, and not before', async () => {
    const before = await rollout.before();
    const old = await versionOf(before);
    await before.beginMany(10, data);
    const after = await rollout.after();
    await before.close();
    await rollout.setBack(old, 'usedAt', 2.5 * MINUTES);
    await after.search.prepare();
    expect(await rollout.versions()).toContain(old);
    await rollout.setBack(old, 'usedAt', MINUTES);
    await after.search.prepare();
    const current = await versionOf(after);
    expect(await rollout.versions()).toEqual([current]);
    expect(await redis.client.exists(rollout.keyOfState(old))).toBe(0);
    expect([await after.search.count(), await rollout.alias()]).toEqual([10, current]);
  });

  it('stays while it is used, although its sessions live for a shorter time than that', async () => {
    const short = { idleTimeoutSeconds: 2, absoluteTimeoutSeconds: 2 };
    const before = await rollout.before({ ...short, remember: short });
    const ttlMs = await redis.client.pttl(rollout.keyOfState(await versionOf(before)));
    expect(ttlMs).toBeGreaterThan(3 * MINUTES);
  });

  it('stays when it is so new that nobody has noted its use', async () => {
    const after = await rollout.after();
    const { keyPrefix } = rollout;
    const settings = new SessionSettings({ redis: redis.client, keyPrefix });
    const connection = await openConnection(settings);
    defer(() => connection.close());
    const store = new RedisIndexStore(connection, settings);
    await store.create('0badcafe', ['createdAt', 'NUMERIC']);
    await after.search.prepare();
    expect(await rollout.versions()).toContain('0badcafe');
    await rollout.setBack('0badcafe', 'usedAt', 4 * MINUTES);
    await after.search.prepare();
    expect(await rollout.versions()).toEqual([await versionOf(after)]);
  });

  it('rolling back: the version before finds all, and its index gets the common name back', async () => {
    const before = await rollout.before();
    const old = await versionOf(before);
    await before.beginMany(10, data);
    const after = await rollout.after();
    await before.close();
    const [id] = await after.beginMany(10, data);
    await after.repository.commit(id!, new Map([['tenant', { kind: 'set', text: '"moved"' }]]));
    const again = await rollout.before();
    expect(await again.search.count()).toBe(20);
    expect(await again.idsOf({ tenant: 'moved' })).toEqual([id]);
    await after.close();
    const retired = (await rollout.versions()).find((version) => version !== old);
    await rollout.setBack(retired!, 'usedAt', 4 * MINUTES);
    await again.search.prepare();
    expect([await rollout.versions(), await rollout.alias()]).toEqual([[old], old]);
    expect(await again.search.count({ mood: 'busy' })).toBe(0);
  });

  it('rolling back further than it was kept: the index is made and filled again', async () => {
    const before = await rollout.before();
    const old = await versionOf(before);
    await before.close();
    const after = await rollout.after();
    await rollout.setBack(old, 'usedAt', 4 * MINUTES);
    await after.search.prepare();
    await after.beginMany(20, data);
    const again = await rollout.before();
    expect(await again.search.countBy('mood')).toEqual(
      new Map([
        ['calm', 10],
        ['busy', 10],
      ]),
    );
  });

  it('knows of sessions that began while only instances without an index ran', async () => {
    const first = await rollout.before();
    const version = await versionOf(first);
    await first.close();
    const none = await rollout.without();
    await none.beginMany(10, data);
    await rollout.setBack(version, 'usedAt', 10 * MINUTES);
    const again = await rollout.before();
    expect(await again.search.count()).toBe(10);
  });

  it('no instance answers in part while another makes the index anew', async () => {
    const sites = [await rollout.after(), await rollout.after()];
    const version = await versionOf(sites[0]!);
    const { keyPrefix, search } = sites[0]!;
    await writeDocuments(redis, { keyPrefix, search: search as never }, DOCUMENTS);
    await redis.client.call('FT.DROPINDEX', `${keyPrefix}session-index:${version}`);
    const answers = new Set<number>();
    const ask = async (site: After) => {
      const answer = await site.search.count().catch(() => undefined);
      if (answer !== undefined) answers.add(answer);
      return answer !== undefined;
    };
    await ask(sites[0]!);
    await Promise.all(sites.map((site) => eventually('it is back', () => ask(site))));
    // They have no sessions, and would live for ever.
    await redis.client.flushall();
    expect([...answers]).toEqual([DOCUMENTS]);
  });

  it('heals when Redis is emptied', async () => {
    const sites = [await rollout.after(), await rollout.after()];
    await sites[0]!.beginMany(10, data);
    await redis.client.flushall();
    await sites[0]!.beginMany(3, data);
    const isThere = async (site: After) => (await site.search.count().catch(() => -1)) === 3;
    for (const site of sites) await eventually('the index is back', () => isThere(site));
    await sites[1]!.beginMany(3, data);
    expect(await sites[0]!.search.count()).toBe(6);
  });

  it('heals when Redis is emptied while it is being filled', async () => {
    const none = await rollout.without();
    await none.beginMany(2000, data);
    const after = await rollout.after({}, false);
    await eventually('the filling has begun', async () => (await rollout.versions()).length > 0);
    await redis.client.flushall();
    await after.beginMany(3, data);
    const hasAnswer = async () => (await after.search.count().catch(() => -1)) >= 0;
    await eventually('the index is back', hasAnswer);
    expect(await after.search.count()).toBe(3);
  });
});
