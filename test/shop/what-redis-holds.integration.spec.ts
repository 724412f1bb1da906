import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { eventually } from '../support/eventually.js';
import { keyspaceFaults } from '../support/keyspace-oracle.js';
import { useRedis } from '../support/redis.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { documentKey, sessionId, sessionKey, userKey } from './support/tokens.js';
import { Visitor } from './support/visitor.js';
import { startMonitor } from '../support/monitor.js';

const IDLE_SECONDS = 1800;
// A sixtieth of the idle timeout.
const TOUCH_INTERVAL_SECONDS = 30;
const ABSOLUTE_SECONDS = 43_200;
const MOMENT = /^\d{13}$/;

describeUnless(notOurs, 'what Redis holds of a visitor', () => {
  // Written before the answer leaves, so that the file can be searched right after it.
  const redis = useRedis({ settings: { appendfsync: 'always' } });
  const startShop = useShopProcesses();
  const overheard: string[] = [];
  const issued = new Set<string>();
  let watcher: Redis;
  let shop: ShopProcess;
  let olga: Visitor;

  beforeAll(async () => {
    watcher = await startMonitor(redis.client);
    watcher.on('monitor', (_time: string, args: string[]) => overheard.push(...args));
    shop = await startShop({ REDIS_URL: redis.url });
    olga = new Visitor(shop.url);
  });
  afterAll(() => watcher?.disconnect());

  const act = async (action: Promise<{ status: number }>) => {
    expect((await action).status).toBeLessThan(300);
    if (olga.token) issued.add(olga.token);
  };
  const hash = () => redis.client.hgetall(sessionKey(olga.token!));
  // The shop notes there how far its index is, from its start on and of nobody.
  const keysOfVisitors = async () =>
    (await redis.client.keys('*'))
      .filter((key) => !/^session-index-state:[0-9a-f]{8}$/.test(key))
      .toSorted();
  const version = expect.stringMatching(/^[0-9a-f]{8}$/);

  it('is nothing, before there is something to remember', async () => {
    await act(olga.session());
    expect(await keysOfVisitors()).toEqual([]);
  });

  it('is a hash with the fields of a guest, and not who or where the guest is', async () => {
    await act(olga.view());
    await act(olga.send('PUT', '/api/theme', { theme: 'dark' }));
    expect(await keysOfVisitors()).toEqual([documentKey(olga.token!), sessionKey(olga.token!)]);
    expect(await redis.client.type(sessionKey(olga.token!))).toBe('hash');
    expect(await hash()).toEqual({
      '~id': sessionId(olga.token!).slice(0, 8),
      '~v': '1',
      '~created': expect.stringMatching(MOMENT),
      '~seen': expect.stringMatching(MOMENT),
      '~idle': `${IDLE_SECONDS}`,
      '~until': expect.stringMatching(MOMENT),
      '~index': version,
      views: '1',
      theme: '"dark"',
    });
  });

  it('is one hash and one member in the set of the user after the sign-in', async () => {
    const guest = sessionKey(olga.token!);
    await act(olga.signIn('olga'));
    await act(olga.addToCart('bread', 2));
    await act(olga.view());
    expect(await redis.client.exists(guest)).toBe(0);
    expect(await redis.client.smembers(userKey('olga'))).toEqual([sessionId(olga.token!)]);
    const fields = await hash();
    expect(fields).toEqual({
      '~id': sessionId(olga.token!).slice(0, 8),
      '~v': '1',
      '~created': expect.stringMatching(MOMENT),
      '~seen': expect.stringMatching(MOMENT),
      '~idle': `${IDLE_SECONDS}`,
      '~until': expect.stringMatching(MOMENT),
      '~user': 'olga',
      '~auth': expect.stringMatching(MOMENT),
      '~ip': '127.0.0.1',
      '~agent': 'node',
      '~index': version,
      tenant: '"acme"',
      role: '"operator"',
      theme: '"dark"',
      views: '2',
      cart: '[{"sku":"bread","quantity":2}]',
    });
    // Counted from when it was saved, a moment after the password was checked.
    const lifetimeMs = Number(fields['~until']) - Number(fields['~auth']);
    expect(Math.floor(lifetimeMs / 60_000)).toBe(ABSOLUTE_SECONDS / 60);
  });

  it('is beside it only what Search may be asked for: no theme, no views, no quantities', async () => {
    const { '~created': createdAt, '~auth': signedInAt, '~index': index } = await hash();
    const document = await redis.client.hgetall(documentKey(olga.token!));
    const named = Object.entries(document).map(([name, value]) => [name.replace(/~.*/, ''), value]);
    expect(Object.fromEntries(named)).toEqual({
      indexedFor: index,
      userId: 'olga',
      ip: '127.0.0.1',
      createdAt,
      signedInAt,
      tenant: 'acme',
      role: 'operator',
      products: 'bread',
    });
  });

  it('lives for the idle timeout after a request, and hardly longer', async () => {
    const key = sessionKey(olga.token!);
    // As if the last request had been a minute ago, and the end were near.
    await redis.client.hincrby(key, '~seen', -60_000);
    await redis.client.expire(key, 60);
    await act(olga.session());
    // The time to live slides beside the request.
    const isSlid = async () => (await redis.client.ttl(key)) > 60;
    await eventually('the time to live slid', isSlid);
    const ttlMs = await redis.client.pttl(key);
    expect(ttlMs).toBeGreaterThan(IDLE_SECONDS * 1000);
    expect(ttlMs).toBeLessThanOrEqual((IDLE_SECONDS + TOUCH_INTERVAL_SECONDS) * 1000);
    // Both were set in one step, and are read in two.
    const ofDocument = await redis.client.pttl(documentKey(olga.token!));
    expect(ttlMs - ofDocument).toBeGreaterThanOrEqual(0);
    expect(ofDocument).toBeGreaterThan(IDLE_SECONDS * 1000);
  });

  it('is gone after the sign-out, but for why, and that not for ever', async () => {
    const [key, id] = [sessionKey(olga.token!), sessionId(olga.token!)];
    const document = documentKey(olga.token!);
    await act(olga.send('POST', '/api/sign-out'));
    expect(await redis.client.exists(key, userKey('olga'), document)).toBe(0);
    const why = key.replace('session:', 'session-gone:');
    expect(why).toContain(id);
    expect(await redis.client.get(why)).toBe(`${id.slice(0, 8)} signed-out`);
    expect(await redis.client.ttl(why)).toBeGreaterThan(0);
  });

  it('has neither strays nor keys that stay for ever, after all that people do', async () => {
    await act(olga.signIn('olga'));
    const phone = new Visitor(shop.url);
    await phone.signIn('olga');
    issued.add(phone.token!);
    await act(olga.send('DELETE', `/api/devices/${sessionId(phone.token!)}`));
    await phone.signIn('olga');
    issued.add(phone.token!);
    await act(olga.send('POST', '/api/devices/sign-out-others'));
    await act(olga.send('POST', '/api/devices/sign-out-everywhere'));
    await act(olga.signIn('olga'));
    const keys = await redis.client.keys('*');
    expect(keys).toEqual(expect.arrayContaining([sessionKey(olga.token!), userKey('olga')]));
    const ttls = await Promise.all(keys.map((key) => redis.client.pttl(key)));
    expect(ttls.filter((ttl) => ttl <= 0)).toEqual([]);
    expect(await keyspaceFaults(redis.client)).toEqual([]);
  });

  describe('does not hold a single token', () => {
    const tokensIn = (text: string) => [...issued].filter((token) => text.includes(token));
    const id = () => sessionId(olga.token!);

    it('in its keys and values', async () => {
      const text = await everythingIn(redis.client);
      expect(text).toContain(id());
      expect(issued.size).toBeGreaterThan(4);
      expect(tokensIn(text)).toEqual([]);
    });

    it('in its files', async () => {
      const text = await filesUnder(redis.server.dataFolder!);
      expect(text).toContain(id());
      expect(tokensIn(text)).toEqual([]);
    });

    it('in the commands that it gets', async () => {
      const mark = 'the last command';
      await redis.client.echo(mark);
      // Commands are told in their order, a little later.
      await eventually('all was overheard', async () => overheard.includes(mark));
      const text = overheard.join('\n');
      expect(text).toContain(id());
      expect(tokensIn(text)).toEqual([]);
    });

    it('in what the shop says', () => {
      expect(shop.output).toContain('listens on');
      expect(tokensIn(shop.output)).toEqual([]);
    });
  });
});

async function everythingIn(client: Redis): Promise<string> {
  const keys = await client.keys('*');
  const values = keys.map(async (key) => {
    const type = await client.type(key);
    if (type === 'hash') return await client.hgetall(key);
    return type === 'set' ? await client.smembers(key) : await client.get(key);
  });
  return JSON.stringify([keys, await Promise.all(values)]);
}

async function filesUnder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}
