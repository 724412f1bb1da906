import { useCleanup } from '../support/cleanup.js';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { notInShort } from '../support/scale.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { Stopwatch } from '../support/stopwatch.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { Visitor } from './support/visitor.js';
import { VisitorsAtWork } from './support/visitors-at-work.js';

const STORE_TIMEOUT_MS = 500;
const RECOVERY_MS = 1000;

describe('two instances of the shop and one Redis', () => {
  // Everything that was answered with yes is on the disk, so that a crash may lose nothing at all.
  const redis = useRedis({ settings: { appendfsync: 'always' } });
  const startShop = useShopProcesses();
  let left: ShopProcess;
  let right: ShopProcess;

  const startBoth = async () => {
    [left, right] = await Promise.all([
      startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'left', HTTP_PLATFORM: 'express' }),
      startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'right', HTTP_PLATFORM: 'fastify' }),
    ]);
  };
  beforeAll(startBoth);
  const defer = useCleanup();

  /** Pages of products need no session: what they take is up to the machine. */
  const startStopwatch = () => {
    const controls = [left, right].map(
      ({ url }) =>
        () =>
          fetch(`${url}/api/products`),
    );
    const stopwatch = new Stopwatch(controls);
    defer(() => stopwatch.stop());
    return stopwatch;
  };

  /** Carol, with one browser, at both. */
  const carol = async () => {
    const atLeft = new Visitor(left.url);
    expect((await atLeft.signIn('carol')).status).toBe(200);
    return { atLeft, atRight: atLeft.at(right.url) };
  };

  it('serve the same session', async () => {
    const { atLeft, atRight } = await carol();
    expect((await atLeft.session()).body).toMatchObject({ signedIn: true, instance: 'left' });
    expect((await atRight.session()).body).toMatchObject({ signedIn: true, instance: 'right' });
    await atLeft.addToCart('tea', 1);
    await atRight.addToCart('bread', 2);
    const cart = [
      { sku: 'tea', quantity: 1 },
      { sku: 'bread', quantity: 2 },
    ];
    expect((await atLeft.session()).body.cart).toEqual(cart);
    expect((await atRight.session()).body.cart).toEqual(cart);
  });

  it('sign somebody out at both when it happens at one', async () => {
    const { atLeft, atRight } = await carol();
    const atRightLater = new Visitor(right.url);
    atRightLater.jar.cookies.set('id', atRight.token!);
    await atLeft.send('POST', '/api/sign-out');
    expect((await atRightLater.session()).body.signedIn).toBe(false);
  });

  it('know their visitors again after both were killed', async () => {
    const { atLeft } = await carol();
    await atLeft.addToCart('tea', 1);
    await Promise.all([left.end('SIGKILL'), right.end('SIGKILL')]);
    await startBoth();
    for (const { url } of [left, right]) {
      expect((await atLeft.at(url).session()).body).toMatchObject({
        signedIn: true,
        userId: 'carol',
        cart: [{ sku: 'tea', quantity: 1 }],
      });
    }
  });

  // The scenarios of test/faults have a short pass of their own.
  describeUnless(notInShort() || notOurs, 'when Redis fails', () => {
    it('lose nothing that they said yes to when it is killed under load, and recover', async () => {
      const stopwatch = startStopwatch();
      const work = await VisitorsAtWork.begin([left.url, right.url]);
      defer(() => work.end());
      await work.untilAnswered(200, 50);
      await redis.server.crash();
      await work.untilAnswered(503, 20);
      await redis.server.start();
      const lap = stopwatch.start();
      await Promise.all([left, right].map(({ url }) => work.nextAnswer(200, url)));
      expect(lap().ownMs).toBeLessThan(RECOVERY_MS);
      await work.end();
      expect(work.surprises).toEqual([]);
      expect(await work.lost()).toEqual([]);
    });

    /** Redis is away. What the shop answers meanwhile, and that it goes on afterwards as if nothing had been. */
    const expectToSurvive = async (begin: () => Promise<void>, end: () => Promise<void>) => {
      const { atLeft, atRight } = await carol();
      await atLeft.addToCart('tea', 1);
      const stopwatch = startStopwatch();
      await begin();
      await Promise.all([atLeft, atRight].map((visitor) => expectRefusals(visitor, stopwatch)));
      await end();
      for (const visitor of [atLeft, atRight]) {
        expect(await visitor.session()).toMatchObject({
          status: 200,
          body: { userId: 'carol', cart: [{ sku: 'tea', quantity: 1 }] },
          setCookies: [],
        });
      }
    };

    it('answer 503 in time while it is down, and the next request works when it is back', () =>
      expectToSurvive(
        () => redis.server.crash(),
        () => redis.server.start(),
      ));

    it('answer 503 in time while it hangs, and the next request works when it goes on', () =>
      expectToSurvive(
        () => redis.server.freeze(),
        () => redis.server.thaw(),
      ));

    it('end with 0 on SIGTERM and leave no connection behind', async () => {
      const connections = async () => {
        const clients = (await redis.client.client('LIST')) as string;
        return clients.split('\n').filter((line) => line.includes(' name=nestjs-redis-session'));
      };
      for (const shop of [left, right]) await new Visitor(shop.url).send('GET', '/health');
      // One to ask, one to search and one to listen. Those of before the outages are found dead by Redis a little later.
      await eventually('each has three', async () => (await connections()).length === 6);
      const endings = await Promise.all([left.end('SIGTERM'), right.end('SIGTERM')]);
      expect(endings).toEqual([
        { code: 0, signal: null },
        { code: 0, signal: null },
      ]);
      await eventually('no connection is left', async () => (await connections()).length === 0);
    });
  });
});

/** What needs the session is refused, in time; what does not goes on. */
async function expectRefusals(visitor: Visitor, stopwatch: Stopwatch): Promise<void> {
  expect((await visitor.send('GET', '/api/products')).status).toBe(200);
  expect((await new Visitor(visitor.site).session()).status).toBe(200);
  const lap = stopwatch.start();
  const answer = await visitor.session();
  expect(lap().ownMs).toBeLessThan(STORE_TIMEOUT_MS + 100);
  expect(answer).toMatchObject({ status: 503, body: { code: 'SESSION_STORE' }, setCookies: [] });
  expect(answer.headers.get('retry-after')).toBe('1');
  expect((await visitor.send('GET', '/health')).status).toBe(503);
  const signIn = await new Visitor(visitor.site).signIn('carol');
  expect(signIn).toMatchObject({ status: 503, setCookies: [] });
}
