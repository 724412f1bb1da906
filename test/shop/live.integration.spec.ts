import type { INestApplication } from '@nestjs/common';
import { readSettings } from '../../src/settings.js';
import { createShop, listen } from '../../src/shop.js';
import { SessionEvents } from 'nestjs-redis-session/events';
import { describeWithSearch } from '../search/support/with-search.js';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { type LiveClient, openSocket } from '../websockets/support/live-client.js';
import { sessionId } from './support/tokens.js';
import { Visitor } from './support/visitor.js';

const SESSION = { event: 'session' };
const DEVICES = { event: 'devices' };

describe('the open tabs of the shop, at two instances', () => {
  const redis = useRedis();
  const apps: INestApplication[] = [];
  const heard: string[] = [];
  const tabs: LiveClient[] = [];
  let left: string;
  let right: string;

  const start = async (platform: string) => {
    const settings = readSettings({ REDIS_URL: redis.url, HTTP_PLATFORM: platform, PORT: '0' });
    const app = await createShop(settings);
    // What is refused here belongs to the tests.
    app.useLogger(false);
    apps.push(app);
    app.get(SessionEvents).all$.subscribe((event) => {
      heard.push(`${event.type} ${event.sessionId}`);
    });
    return listen(app, settings);
  };
  beforeAll(async () => {
    left = await start('express');
    right = await start('fastify');
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  const someone = async (name: string) => {
    const visitor = new Visitor(left);
    expect((await visitor.signIn(name)).status).toBe(200);
    // Told to tabs that are open by then, too: to those that are opened from here on it is history.
    const signIn = `signed-in ${sessionId(visitor.token!)}`;
    await eventually('both hear of it', async () => count(heard, signIn) === apps.length);
    return visitor;
  };
  const openTab = async ({ jar, token }: Visitor, url = left, origin = url) => {
    const cookie: Record<string, string> = token ? { cookie: jar.header } : {};
    const tab = await openSocket('ws', { url }, { ...cookie, origin }, '/live');
    tabs.push(tab);
    return tab;
  };

  it('are told that their session changed, wherever that was, and nothing else of it', async () => {
    const alice = await someone('alice');
    const atBoth = [await openTab(alice, left), await openTab(alice, right)];
    await alice.at(left).addToCart('tea', 1);
    for (const tab of atBoth) expect(await tab.take(1)).toEqual([SESSION]);
    await alice.at(right).send('PUT', '/api/theme', { theme: 'dark' });
    for (const tab of atBoth) expect(await tab.take(1)).toEqual([SESSION]);
  });

  it('are told so where a guest has a session, too', async () => {
    const guest = new Visitor(left);
    await guest.view();
    const tab = await openTab(guest, right);
    await guest.view();
    expect(await tab.take(1)).toEqual([SESSION]);
  });

  it('are told that a device of their user came or went, and not when it is used', async () => {
    const laptop = await someone('carol');
    const tab = await openTab(laptop, right);
    const phone = await someone('carol');
    expect(await tab.take(1)).toEqual([DEVICES]);
    await phone.view();
    await phone.send('POST', '/api/sign-out');
    await laptop.view();
    expect(await tab.take(2)).toEqual([DEVICES, SESSION]);
  });

  it('are told nothing of anybody else', async () => {
    const [alice, bob] = [await someone('alice'), await someone('bob')];
    const tab = await openTab(bob);
    await alice.addToCart('tea', 1);
    await someone('alice');
    // One instance is heard in its order, so what he is told first is the first that there was.
    await someone('bob');
    await bob.addToCart('tea', 1);
    expect(await tab.take(2)).toEqual([DEVICES, SESSION]);
  });

  it('follow a session that goes on with another token', async () => {
    const alice = await someone('alice');
    const tab = await openTab(alice, right);
    const before = alice.token;
    await alice.send('POST', '/api/confirm-password', { password: 'alice-pw' });
    expect(alice.token).not.toBe(before);
    expect(await tab.take(2)).toEqual([SESSION, DEVICES]);
    await alice.addToCart('tea', 1);
    expect(await tab.take(1)).toEqual([SESSION]);
  });

  it('are closed at once, with the reason, when their session ends', async () => {
    const [laptop, phone] = [await someone('bob'), await someone('bob')];
    const [ofLaptop, ofPhone] = [await openTab(laptop, right), await openTab(phone, right)];
    await laptop.send('DELETE', `/api/devices/${sessionId(phone.token!)}`);
    expect(await ofPhone.closed).toBe('SESSION_REVOKED');
    await laptop.send('POST', '/api/sign-out');
    expect(await ofLaptop.closed).toBe('SESSION_SIGNED_OUT');
    const guest = new Visitor(left);
    await guest.view();
    const ofGuest = await openTab(guest, right);
    await guest.signIn('bob');
    expect(await ofGuest.closed).toBe('SESSION_SIGNED_IN');
  });

  it('are closed for strangers, who would never be told anything', async () => {
    const [never, noMore] = [new Visitor(left), await someone('bob')];
    const { token } = noMore;
    await noMore.send('POST', '/api/sign-out');
    noMore.jar.cookies.set('id', token!);
    for (const stranger of [never, noMore]) {
      expect(await (await openTab(stranger)).closed).toBe('SESSION_REQUIRED');
    }
  });

  it('are of no other site', async () => {
    const alice = await someone('alice');
    for (const url of [left, right]) {
      const opening = openTab(alice, url, 'http://elsewhere.example');
      await expect(opening).rejects.toMatchObject({ status: 403 });
    }
  });

  it('may say nothing of any length', async () => {
    const tab = await openTab(await someone('alice'));
    tab.send('long', 'x'.repeat(300));
    await tab.closed;
    expect(tab.isOpen).toBe(false);
  });

  describeWithSearch('after an act of an operator', () => {
    it('are told of a recall, and closed when their tenant is signed out', async () => {
      const [olga, carol] = [await someone('olga'), await someone('carol')];
      const tab = await openTab(carol, right);
      await carol.addToCart('mug', 1);
      expect(await tab.take(1)).toEqual([SESSION]);
      await olga.send('POST', '/api/operations/recall/mug');
      expect(await tab.take(1)).toEqual([SESSION]);
      await olga.send('POST', '/api/operations/sign-out-tenant', { tenant: 'globex' });
      expect(await tab.closed).toBe('SESSION_REVOKED');
    });
  });

  describeUnless(notOurs, 'after an interruption', () => {
    it('are told that anything may have changed', async () => {
      const tab = await openTab(await someone('alice'), right);
      await redis.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(await tab.take(1)).toEqual([{ event: 'everything' }]);
    });
  });
});

function count(texts: readonly string[], wanted: string): number {
  return texts.filter((text) => text === wanted).length;
}
