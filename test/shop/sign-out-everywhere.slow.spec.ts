import { useCleanup } from '../support/cleanup.js';
import { useRedis } from '../support/redis.js';
import { times } from '../support/scale.js';
import { OldTokens } from './support/old-tokens.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { Visitor } from './support/visitor.js';

const DEVICES = 6;
const ROUNDS = Array.from({ length: times(1, 10) }, (_, i) => i);

describe('signing out everywhere, with two instances under load', () => {
  const redis = useRedis();
  const startShop = useShopProcesses();
  let shops: ShopProcess[];
  const defer = useCleanup();
  const sites = () => shops.map(({ url }) => url);

  beforeAll(async () => {
    shops = await Promise.all([
      startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'left', HTTP_PLATFORM: 'express' }),
      startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'right', HTTP_PLATFORM: 'fastify' }),
    ]);
    // A Redis of the reader's own may know her from an earlier run.
    const carol = new Visitor(shops[0]!.url);
    await carol.signIn('carol');
    await carol.send('POST', '/api/devices/sign-out-everywhere');
  });

  const deviceWithTea = async (name: string) => {
    const device = new Visitor(shops[0]!.url);
    expect((await device.signIn(name)).status).toBe(200);
    expect((await device.addToCart('tea', 1)).status).toBe(200);
    return device;
  };

  it.each(ROUNDS)('no old token is good for one more request after the answer (%i)', async (i) => {
    const devices = await Promise.all(
      Array.from({ length: DEVICES }, () => deviceWithTea('carol')),
    );
    const tokens = devices.map(({ token }) => token!);
    const bystander = await deviceWithTea('bob');
    const bob = new OldTokens([bystander.token!], sites());
    defer(() => bob.end());
    const old = new OldTokens(tokens, sites());
    defer(() => old.end());
    await old.answered(30, sites());

    const answer = await devices[0]!
      .at(sites()[i % 2]!)
      .send('POST', '/api/devices/sign-out-everywhere');
    const answeredAt = performance.now();
    expect(answer).toMatchObject({ status: 200, body: { signedOut: DEVICES } });
    await old.answered(60, sites());
    await Promise.all([old.end(), bob.end()]);

    const after = old.asked(answeredAt);
    expect(after.length).toBeGreaterThanOrEqual(120);
    expect(after.filter(({ status }) => status === 200)).toHaveLength(0);
    expect([...new Set(after.map(({ code }) => code))]).toEqual(['SESSION_REVOKED']);
    // Those under way at that moment were granted or refused, and nothing else.
    const all = old.asked(0);
    expect(all.filter(({ status }) => status !== 200 && status !== 401)).toEqual([]);
    expect(all.filter(({ setsCookie }) => setsCookie)).toEqual([]);
    expect(all.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(60);
    expect(bob.asked(0).filter(({ status }) => status !== 200)).toEqual([]);
  });
});
