import { describeUnless, notOurs } from '../support/obstacles.js';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { CookieJar } from '../support/browser-cookies.js';
import { useRedis } from '../support/redis.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { Visitor } from './support/visitor.js';

describe('npm start', () => {
  const startShop = useShopProcesses();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shop-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const start = (env = {}) =>
    startShop({ SHOP_DATA_FOLDER: join(folder, 'data'), ...env }, 'start');

  describeUnless(notOurs, 'without REDIS_URL', () => {
    let shop: ShopProcess;
    const cookies = new CookieJar();
    const carol = () => new Visitor(shop.url, cookies);

    it('says which Redis it took, where the data lies and where the shop is', async () => {
      shop = await start();
      expect(shop.output).toMatch(
        /^Sessions are kept in (Redis|Valkey) \d.*, at 127\.0\.0\.1:\d+$/m,
      );
      expect(shop.output).toContain(`Its data lies in ${join(folder, 'data')}\n`);
      expect(shop.output).toMatch(
        /^Corner Shop \(express\) listens on http:\/\/127\.0\.0\.1:\d+$/m,
      );
    });

    it('ends with 0 on Ctrl-C, and so does its Redis', async () => {
      await carol().signIn('carol');
      await carol().addToCart('tea', 2);
      expect(await answers(addressOfRedis(shop))).toBe(true);
      expect(await shop.end('SIGINT')).toEqual({ code: 0, signal: null });
      expect(await answers(addressOfRedis(shop))).toBe(false);
    });

    it('finds the sessions again', async () => {
      shop = await start();
      expect((await carol().session()).body).toMatchObject({
        userId: 'carol',
        cart: [{ sku: 'tea', quantity: 2 }],
      });
      expect(await shop.end('SIGTERM')).toEqual({ code: 0, signal: null });
    });
  });

  describe('with REDIS_URL', () => {
    const redis = useRedis();

    it('takes that Redis, starts none of its own and leaves it running', async () => {
      const data = join(folder, 'not-needed');
      const shop = await start({ REDIS_URL: redis.url, SHOP_DATA_FOLDER: data });
      expect(shop.output).toContain('(yours, from REDIS_URL)');
      expect(shop.output).not.toContain('Its data lies in');
      expect(await new Visitor(shop.url).signIn('carol')).toMatchObject({ status: 200 });
      expect(await shop.end('SIGINT')).toEqual({ code: 0, signal: null });
      expect(existsSync(data)).toBe(false);
      expect(await redis.client.ping()).toBe('PONG');
    });
  });
});

function addressOfRedis({ output }: ShopProcess): string {
  const [, address] = /, at (\S+)$/m.exec(output) ?? [];
  return `redis://${address}`;
}

/** Whether a Redis is there. */
async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  const isThere = client.connect().then(
    () => true,
    () => false,
  );
  return isThere.finally(() => client.disconnect());
}
