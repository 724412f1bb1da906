import { setImmediate as turn } from 'node:timers/promises';
import { has, matches } from 'nestjs-redis-session';
import { eventually } from '../support/eventually.js';
import { assertSoundKeyspace } from '../support/keyspace-oracle.js';
import { useRedis } from '../support/redis.js';
import { type After, at, type Before, Rollout } from './rollout-sites.js';
import { Actor } from './support/actor.js';
import type { SearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

const CART = { lines: [{ sku: 'tea', quantity: 2 }] };

describeWithSearch('two versions of an application side by side', () => {
  const redis = useRedis();
  let rollout: Rollout;
  let before: Before;
  let after: After;
  beforeEach(async () => {
    rollout = new Rollout(redis);
    before = await rollout.before();
    after = await rollout.after();
  });
  afterEach(async () => {
    await rollout.close();
    await assertSoundKeyspace(redis.client, rollout.keyPrefix);
  });

  const begin = async (site: Before | After | SearchedSite<never>) => {
    const browser = new Actor(site);
    await browser.act({ set: { tenant: 'acme', views: 5, note: 'Gift wrap', ...CART } });
    return browser;
  };

  it('each finds the sessions that the other began', async () => {
    const ids = [(await begin(before)).id, (await begin(after)).id].toSorted();
    expect(await before.idsOf({ note: matches('gift'), mood: 'calm' })).toEqual(ids);
    expect(await after.idsOf({ products: has('tea'), mood: 'keen' })).toEqual(ids);
    expect([await before.search.count(), await after.search.count()]).toEqual([2, 2]);
  });

  it('each finds what the other changed, counters among it', async () => {
    const browsers = [await begin(before), await begin(after)];
    const ids = browsers.map(({ id }) => id).toSorted();
    for (const browser of browsers) {
      await at(before, browser).act({ addToViews: 7, set: { note: 'No bags', lines: [] } });
    }
    expect(await after.idsOf({ products: has('tea') })).toEqual([]);
    expect(await after.idsOf({ mood: 'keen' })).toEqual(ids);
    for (const browser of browsers) {
      await at(after, browser).act({
        addToViews: -11,
        remove: ['note'],
        set: { tenant: 'globex' },
      });
    }
    expect(await before.idsOf({ mood: 'calm', tenant: 'globex' })).toEqual(ids);
    expect(await before.idsOf({ note: matches('bags') })).toEqual([]);
    expect(await after.idsOf({ mood: 'cool' })).toEqual(ids);
  });

  it('each finds, once, whom the other gave a new token or signed in', async () => {
    const guest = await begin(before);
    const user = at(after, guest);
    await user.act({ signIn: 'alice' });
    const renewed = at(before, user);
    const id = await renewed.act({ does: 'renew' });
    for (const site of [before, after]) {
      expect(await site.idsOf({ userId: 'alice', tenant: 'acme' })).toEqual([id]);
      expect(await site.search.count()).toBe(1);
    }
    expect(await after.idsOf({ products: has('tea') })).toEqual([id]);
  });

  it('neither finds whom the other signed out', async () => {
    const [first, second] = [await begin(before), await begin(after)];
    await at(after, first).post('act', { does: 'destroy' });
    await at(before, second).post('act', { does: 'destroy' });
    expect([await before.search.count(), await after.search.count()]).toEqual([0, 0]);
    expect(await redis.client.exists(before.keyOfDocument(first.id))).toBe(0);
  });

  it('counts are exact however the two take turns', async () => {
    const sites = [before, after];
    for (let round = 0; round < 60; round++) {
      const browser = await begin(sites[round % 2]!);
      await at(sites[(round >> 1) % 2]!, browser).act({ set: { tenant: `t${round % 3}` } });
      await at(sites[(round >> 2) % 2]!, browser).act({ addToViews: round % 6 });
    }
    const tenants = new Map([0, 1, 2].map((number) => [`t${number}`, 20]));
    expect(await before.search.countBy('tenant')).toEqual(tenants);
    expect(await after.search.countBy('tenant')).toEqual(tenants);
    const moods = new Map([
      ['calm', 50],
      ['busy', 10],
    ]);
    expect(await before.search.countBy('mood')).toEqual(moods);
    expect(await after.search.countBy('mood')).toEqual(new Map([['keen', 60]]));
    expect(await after.search.count({ products: has('tea') })).toBe(60);
  });

  it('several instances that ask at once all hear of what the other version changed', async () => {
    const others = [after, await rollout.after(), await rollout.after()];
    const browser = at(before, await begin(before));
    for (let round = 1; round <= 40; round++) {
      await browser.act({ set: { lines: [{ sku: `sku-${round}`, quantity: 1 }] } });
      const ask = async (site: After, place: number) => {
        for (let turns = (place * round) % 7; turns > 0; turns--) await turn();
        return site.search.count({ products: has(`sku-${round}`) });
      };
      expect([round, ...(await Promise.all(others.map(ask)))]).toEqual([round, 1, 1, 1]);
    }
  });

  it('documents live as long as their sessions, whichever version is visited', async () => {
    const none = await rollout.without();
    for (const began of [before, after]) {
      const browser = await begin(began);
      const keys = [before.keyOfSession(browser.id), before.keyOfDocument(browser.id)];
      for (const visited of [before, after, none]) {
        for (const key of keys) await redis.client.pexpire(key, 5000);
        await at(visited, browser).get('look');
        const ends = () => Promise.all(keys.map((key) => redis.client.pexpiretime(key)));
        const hasSlid = async () => (await ends())[0]! > Date.now() + 60_000;
        await eventually('the visit has made the session live longer', hasSlid);
        const [session = 0, document = 0] = await ends();
        expect(Math.abs(document - session)).toBeLessThan(50);
      }
    }
  });

  it('what an application without an index changes is found by the others', async () => {
    const none = await rollout.without();
    const browser = at(none, await begin(before));
    await browser.act({ set: { tenant: 'globex', lines: [] }, addToViews: 6 });
    expect(await before.idsOf({ tenant: 'globex', mood: 'busy' })).toEqual([browser.id]);
    await browser.act({ set: { tenant: 'initech' }, does: 'renew' });
    expect(await after.idsOf({ tenant: 'initech', mood: 'keen' })).toEqual([browser.id]);
    expect(await after.search.count({ products: has('tea') })).toBe(0);
    await browser.post('act', { does: 'destroy' });
    expect(await before.search.count()).toBe(0);
  });

  it('what an application without an index began is found after a visit to another', async () => {
    const none = await rollout.without();
    const browser = await begin(none);
    await at(after, browser).get('look');
    const isFound = async () => (await after.idsOf({ products: has('tea') })).includes(browser.id);
    await eventually('the touch of the visit has made its document', isFound);
    expect(await before.idsOf({ note: matches('wrap') })).toEqual([browser.id]);
  });
});
