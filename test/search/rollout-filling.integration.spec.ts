import { has } from 'nestjs-redis-session';
import { assertSoundKeyspace } from '../support/keyspace-oracle.js';
import { useRedis } from '../support/redis.js';
import { type After, Rollout } from './rollout-sites.js';
import { describeWithSearch } from './support/with-search.js';

const SESSIONS = 1500;
const byHand = { prepareIndexAtStart: false };
const failure = (asked: Promise<unknown>) => asked.then(() => 'an answer', String);

describeWithSearch('an index for sessions that were there before it', () => {
  const redis = useRedis();
  let rollout: Rollout;
  beforeEach(async () => {
    rollout = new Rollout(redis);
    const none = await rollout.without();
    const dataOf = (i: number) => ({ tenant: `t${i % 5}`, lines: [{ sku: 'tea', quantity: i }] });
    await none.beginMany(SESSIONS, dataOf);
  });
  afterEach(async () => {
    await rollout.close();
    await assertSoundKeyspace(redis.client, rollout.keyPrefix);
    await redis.client.flushall();
  });

  const expectAll = async (site: After) => {
    expect(await site.search.count({ products: has('tea') })).toBe(SESSIONS);
    expect(await site.search.count({ tenant: 't3' })).toBe(SESSIONS / 5);
    expect(await rollout.alias()).toBe((await site.search.status()).version);
  };

  it('is filled with progress, answers nothing until then, and gets the common name at last', async () => {
    const before = await rollout.before();
    const after = await rollout.after(byHand);
    const seen: number[] = [];
    const asked: Promise<unknown>[] = [];
    await after.search.prepare({
      onProgress: ({ done, total }) => {
        seen.push(done / total);
        asked.push(failure(after.search.count()), rollout.alias());
        if (seen.length === 1) asked.push(failure(before.search.count()));
      },
    });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const { version } = await before.search.status();
    const [refusal, alias, ofBefore] = await Promise.all(asked);
    expect(refusal).toContain('The index does not hold all sessions yet');
    expect([alias, ofBefore]).toEqual([version, 'an answer']);
    await expectAll(after);
  });

  it('two instances that start at once share the work: one fills, the other waits', async () => {
    let sites: After[] = [];
    const fillings = await rollout.fillingsDuring(async () => {
      sites = await Promise.all([rollout.after(), rollout.after(), rollout.after()]);
    });
    expect(fillings).toBe(1);
    for (const site of sites) await expectAll(site);
  });

  it('an instance that makes the index while another fills it waits for that one', async () => {
    const [first, second] = [await rollout.after(byHand), await rollout.after(byHand)];
    let later: Promise<void> | undefined;
    const fillings = await rollout.fillingsDuring(async () => {
      await first.search.prepare({
        onProgress: async () => {
          if (later) return;
          const [index] = await rollout.versions();
          await redis.client.call('FT.DROPINDEX', `${rollout.keyPrefix}session-index:${index}`);
          await new Promise<void>((goOn) => {
            later = second.search.prepare({ onProgress: () => goOn() });
          });
        },
      });
      await later;
    });
    expect(fillings).toBe(1);
    for (const site of [first, second]) await expectAll(site);
  });

  it('an instance that starts while the index is complete fills nothing', async () => {
    await rollout.after();
    const fillings = await rollout.fillingsDuring(async () => {
      await expectAll(await rollout.after());
    });
    expect(fillings).toBe(0);
  });

  /** Instances do not fill it until they are asked to, and one of them has stopped in the middle. */
  const stopHalfway = async () => {
    const first = await rollout.after(byHand);
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('stopped'));
    const filling = first.search.prepare({ onProgress, signal: stop.signal });
    await expect(filling).rejects.toThrow('stopped');
    return first;
  };

  it('when an instance stops filling it, another goes on without waiting', async () => {
    const first = await stopHalfway();
    expect((await first.search.status()).isComplete).toBe(false);
    const second = await rollout.after(byHand);
    const seen: number[] = [];
    await second.search.prepare({ onProgress: ({ done }) => seen.push(done) });
    expect(seen[0]).toBeGreaterThan(0);
    for (const site of [first, second]) await expectAll(site);
  });

  it('when the instance that fills it has died, it says how far it is, and another goes on', async () => {
    const first = await stopHalfway();
    const { version } = await first.search.status();
    const [seconds] = await redis.client.time();
    const dead = { filler: 'dead', fillerAt: 1000 * Number(seconds), done: 400, total: 1000 };
    await redis.client.hset(rollout.keyOfState(version), dead);
    const second = await rollout.after({}, false);
    const refusal = await failure(second.search.count());
    expect(refusal).toContain('It is being filled: 40 % of the keys have been looked at');
    expect((await second.search.status()).progress).toBe(0.4);
    const fillings = await rollout.fillingsDuring(async () => {
      await rollout.setBack(version, 'fillerAt', 16_000);
      await second.isFilled();
    });
    expect(fillings).toBe(1);
    for (const site of [first, second]) await expectAll(site);
  });

  it('sessions that begin, change and end while it is being filled are in it as they are', async () => {
    const after = await rollout.after(byHand);
    const others: Promise<unknown>[] = [];
    const ids = await after.beginMany(3, (i) => ({ tenant: 'late', views: i }));
    await after.search.prepare({
      onProgress: () => {
        others.push(after.begin({ tenant: 'late' }));
        const [id] = ids.splice(0, 1);
        if (id) others.push(after.repository.revoke([id], undefined, 'revoked'));
      },
    });
    await Promise.all(others);
    expect(await after.search.count({ tenant: 'late' })).toBe(others.length - 3 + ids.length);
    expect(await after.search.count({ products: has('tea') })).toBe(SESSIONS);
  });

  it('a key that is no session does not keep it from being complete', async () => {
    const id = 'A'.repeat(32);
    await redis.client.set(`${rollout.keyPrefix}session:{0000}:${id}`, 'not a hash', 'PX', 60_000);
    await expectAll(await rollout.after());
    await redis.client.del(`${rollout.keyPrefix}session:{0000}:${id}`);
  });
});
