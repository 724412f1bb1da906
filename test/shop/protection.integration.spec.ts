import type { INestApplication } from '@nestjs/common';
import { readSettings } from '../../src/settings.js';
import { createShop, listen } from '../../src/shop.js';
import { PLATFORMS } from '../support/app.js';
import { useRedis } from '../support/redis.js';
import { Visitor } from './support/visitor.js';

describe.each(PLATFORMS)('the shop on %s', (platform) => {
  const redis = useRedis();
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    const settings = readSettings({ REDIS_URL: redis.url, HTTP_PLATFORM: platform, PORT: '0' });
    app = await createShop(settings);
    url = await listen(app, settings);
  });
  afterAll(() => app?.close());

  it.each(['/', '/operations', '/api/session', '/api/devices', '/nowhere'])(
    'lets the browser load and run nothing but its own files, nor frame it: %s',
    async (path) => {
      const { headers } = await fetch(`${url}${path}`);
      const policy = headers.get('content-security-policy')!.split(/\s*;\s*/);
      for (const directive of [
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
      ]) {
        expect(policy).toContain(directive);
      }
      expect(headers.get('x-frame-options')).toBe('DENY');
    },
  );

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://attacker.example' },
    { origin: 'null' },
  ])('changes nothing for a page of another site: %j', async (headers) => {
    const alice = new Visitor(url);
    expect((await alice.signIn('alice')).status).toBe(200);
    for (const [path, body] of [
      ['/api/cart', { sku: 'tea', quantity: 1 }],
      ['/api/devices/sign-out-others', {}],
      ['/api/sign-out', {}],
    ] as const) {
      const answer = await alice.jar.fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect((await alice.session()).body).toMatchObject({ signedIn: true, userId: 'alice' });
  });
});
