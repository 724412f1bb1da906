import { useCleanup } from '../support/cleanup.js';
import { useRedis } from '../support/redis.js';
import { eventually } from '../support/eventually.js';
import { Rollout } from './rollout-sites.js';
import { Actor } from './support/actor.js';
import { describeWithSearch } from './support/with-search.js';

const SESSIONS = 2000;
const byHand = { prepareIndexAtStart: false };

describeWithSearch('an index that memory does not suffice for', () => {
  const redis = useRedis();
  const defer = useCleanup();
  let rollout: Rollout;
  const data = (i: number) => ({ tenant: `t${i % 5}`, lines: [{ sku: 'tea', quantity: i }] });
  beforeEach(async () => {
    rollout = new Rollout(redis);
    defer(() => redis.client.flushall());
    defer(() => rollout.close());
    defer(() => redis.client.config('SET', 'maxmemory', '0'));
  });

  /** From now on so many bytes are free. */
  const leaveFree = async (bytes: number) => {
    const info = await redis.client.info('memory');
    const used = Number(/^used_memory:(\d+)/m.exec(info)![1]);
    await redis.client.config('SET', 'maxmemory', used + bytes);
  };
  const signIn = (site: { url: string }) => new Actor(site).act({ signIn: 'alice' });

  it('is not made where there is no room for it: the error says how much there is, and users sign in', async () => {
    const before = await rollout.before();
    await before.beginMany(SESSIONS, data);
    const after = await rollout.after(byHand);
    await leaveFree(500_000);
    await expect(after.search.prepare()).rejects.toThrow(
      /no room for the index: it uses [\d.]+ MB of [\d.]+ MB.*Raise maxmemory/,
    );
    expect(await rollout.versions()).toEqual([(await before.search.status()).version]);
    await signIn(before);
    expect(await before.search.count({ tenant: 't3' })).toBe(SESSIONS / 5);
    await redis.client.config('SET', 'maxmemory', '0');
    await after.search.prepare();
    expect(await after.search.count({ tenant: 't3' })).toBe(SESSIONS / 5);
  });

  it('is filled no further when memory runs out meanwhile, goes on later, and is given up in a full one', async () => {
    const none = await rollout.without();
    await none.beginMany(SESSIONS, data);
    const after = await rollout.after(byHand);
    const filled = after.search.prepare({ onProgress: () => leaveFree(300_000) });
    await expect(filled).rejects.toThrow(/no room for the index/);
    await signIn(none);
    const { version } = await after.search.status();
    await redis.client.config('SET', 'maxmemory', '0');
    // No instance uses it for four minutes.
    const before = await rollout.before();
    await rollout.setBack(version, 'usedAt', 240_000);
    await leaveFree(-500_000);
    await before.search.prepare();
    expect(await rollout.versions()).toEqual([(await before.search.status()).version]);
  });

  it('is tried again by an instance that started without room, at the next question', async () => {
    const before = await rollout.before();
    await before.beginMany(SESSIONS, data);
    await leaveFree(500_000);
    const after = await rollout.after({}, false);
    const answer = () => after.search.count({ tenant: 't3' }).then(String, String);
    await eventually('it has no answer', async () => /does not hold all/.test(await answer()));
    await redis.client.config('SET', 'maxmemory', '0');
    await eventually('it is filled', async () => /^\d+$/.test(await answer()));
    expect(await answer()).toBe(String(SESSIONS / 5));
  });
});
