import type { INestApplication } from '@nestjs/common';
import { readSettings } from '../../src/settings.js';
import { createShop, listen } from '../../src/shop.js';
import { useRedis } from '../support/redis.js';
import { Visitor } from './support/visitor.js';

describe.each(['express', 'fastify'])('a shop with SESSION_LIMIT_PER_USER=2 on %s', (platform) => {
  const redis = useRedis();
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    const settings = readSettings({
      REDIS_URL: redis.url,
      HTTP_PLATFORM: platform,
      PORT: '0',
      SESSION_LIMIT_PER_USER: '2',
    });
    app = await createShop(settings);
    url = await listen(app, settings);
  });
  afterAll(() => app?.close());

  it('lets the third device in, and tells the first one that it had to make room', async () => {
    const [first, second, third] = [new Visitor(url), new Visitor(url), new Visitor(url)];
    for (const device of [first, second, third]) {
      expect((await device.signIn('bob')).status).toBe(200);
    }
    expect(await first.devices()).toMatchObject({ status: 401, body: { code: 'SESSION_EVICTED' } });
    expect((await second.session()).body.signedIn).toBe(true);
    expect((await third.devices()).body).toHaveLength(2);
  });
});
