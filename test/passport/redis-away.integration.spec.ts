import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { populate } from './people.js';
import { PassportVisitor, startPassportSite } from './site.js';

describe.each(PLATFORMS)('Passport while Redis is away, on %s', (platform) => {
  let redis: RedisServer;
  let site: TestApp;
  let alice: PassportVisitor;
  beforeAll(async () => {
    populate();
    redis = await launchRedis();
    site = await startPassportSite(platform, { redis: redis.url, storeTimeoutMs: 300 });
    alice = new PassportVisitor(site);
    await alice.logIn('alice');
    await redis.crash();
  });
  afterAll(async () => {
    await site.app.close();
    await redis.stop();
  });

  const away = [503, { code: 'SESSION_STORE' }];
  const said = async (response: Response) => [response.status, await response.json()];

  it('takes nobody for a stranger: who has a session is answered with 503', async () => {
    const response = await alice.get('who');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await said(response)).toMatchObject(away);
    expect(await said(await alice.post('log-out'))).toMatchObject(away);
  });

  it('lets nobody in, and says why', async () => {
    const stranger = new PassportVisitor(site);
    expect(await said(await stranger.logIn('alice'))).toMatchObject(away);
    expect(stranger.jar.header).toBe('');
  });

  it('serves those who have no session', async () => {
    expect((await new PassportVisitor(site).get('who')).status).toBe(200);
  });

  it('knows its users again when Redis is back', async () => {
    await redis.start();
    await eventually('Redis is asked again', async () => (await alice.get('who')).ok);
    expect(await alice.who()).toMatchObject({ user: 'alice' });
  });
});
