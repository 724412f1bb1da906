import type { INestApplication } from '@nestjs/common';
import { readSettings } from '../../src/settings.js';
import { createShop, listen } from '../../src/shop.js';
import { useRedis } from '../support/redis.js';
import { ageProof } from './support/proof.js';
import { sessionId } from './support/tokens.js';
import { Visitor } from './support/visitor.js';

const NEW = 'a quiet lane';

describe('passwords in the shop', () => {
  const platform = 'fastify';
  const redis = useRedis();
  let app: INestApplication;
  let url: string;
  // Each test with passwords as they were: they live in the memory of the shop.
  beforeEach(async () => {
    const settings = readSettings({ REDIS_URL: redis.url, HTTP_PLATFORM: platform, PORT: '0' });
    app = await createShop(settings);
    url = await listen(app, settings);
  });
  afterEach(() => app?.close());

  const olga = async (password?: string) => {
    const visitor = new Visitor(url);
    expect((await visitor.signIn('olga', password)).status).toBe(200);
    return visitor;
  };
  /** Her only device, as if she had signed in there long ago. */
  const olgaOfLongAgo = async () => {
    const here = await olga();
    await here.send('POST', '/api/devices/sign-out-others');
    await ageProof(redis.client, here.token!, 301);
    return here;
  };
  const confirm = (visitor: Visitor, password: unknown) =>
    visitor.send('POST', '/api/confirm-password', { password });
  const change = (visitor: Visitor, newPassword: unknown) =>
    visitor.send('POST', '/api/password', { newPassword });

  describe('confirming one', () => {
    it('is a new token and a new proof, and the old token is dead', async () => {
      const here = await olgaOfLongAgo();
      const old = new Visitor(url);
      old.jar.cookies.set('id', here.token!);
      expect(await confirm(here, 'olga-pw')).toMatchObject({
        status: 200,
        body: { confirmed: true },
      });
      expect(here.token).not.toBe(old.token);
      expect(await old.devices()).toMatchObject({ status: 401, body: { code: 'SESSION_RENEWED' } });
      expect((await here.devices()).body).toMatchObject([{ id: sessionId(here.token!) }]);
      expect((await change(here, NEW)).status).toBe(200);
    });

    it('that is wrong changes nothing', async () => {
      const here = await olgaOfLongAgo();
      const answer = await confirm(here, 'bob-pw');
      expect(answer).toMatchObject({ status: 401, setCookies: [] });
      expect(answer.body).not.toHaveProperty('code');
      expect((await here.session()).body.signedIn).toBe(true);
      expect((await change(here, NEW)).body).toMatchObject({ code: 'SESSION_NOT_FRESH' });
    });

    it('is for those who are signed in, and needs one', async () => {
      expect(await confirm(new Visitor(url), 'olga-pw')).toMatchObject({
        status: 401,
        body: { code: 'SESSION_REQUIRED' },
      });
      expect((await confirm(await olga(), undefined)).status).toBe(400);
    });
  });

  describe('changing it', () => {
    it('signs out all other devices, tells them why, and gives this one a new token', async () => {
      const here = await olgaOfLongAgo();
      const others = [await olga(), await olga()];
      await confirm(here, 'olga-pw');
      const before = here.token;
      expect(await change(here, NEW)).toMatchObject({ status: 200, body: { signedOut: 2 } });
      expect(here.token).not.toBe(before);
      for (const other of others) {
        expect(await other.addToCart('tea', 1)).toMatchObject({
          status: 401,
          body: { code: 'SESSION_REVOKED' },
          setCookies: [],
        });
        expect((await other.session()).body).toMatchObject({
          signedIn: false,
          endedCode: 'SESSION_REVOKED',
        });
      }
      expect((await here.devices()).body).toMatchObject([
        { id: sessionId(here.token!), current: true },
      ]);
    });

    it('makes the new one the only one', async () => {
      expect((await change(await olga(), NEW)).status).toBe(200);
      expect((await new Visitor(url).signIn('olga')).status).toBe(401);
      await olga(NEW);
    });

    it('lets nobody in who is signing in with the old one at that moment', async () => {
      const here = await olga();
      const late = Array.from({ length: 8 }, () => new Visitor(url));
      const signIns = late.map((visitor) => visitor.signIn('olga'));
      expect((await change(here, NEW)).status).toBe(200);
      await Promise.all(signIns);
      const sessions = await Promise.all(late.map((visitor) => visitor.session()));
      expect(sessions.filter(({ body }) => body.signedIn)).toEqual([]);
      expect((await here.devices()).body).toHaveLength(1);
    });

    it('asks for a fresh sign-in first, and changes nothing without', async () => {
      const here = await olgaOfLongAgo();
      expect(await change(here, NEW)).toMatchObject({
        status: 401,
        body: { code: 'SESSION_NOT_FRESH' },
        setCookies: [],
      });
      await olga();
      expect((await here.devices()).body).toHaveLength(2);
    });

    it.each([['seven77'], ['x'.repeat(201)], [''], [undefined], [12345678]])(
      'to %j is refused with 400, and nobody is signed out',
      async (newPassword) => {
        const [here, there] = [await olga(), await olga()];
        const answer = await change(here, newPassword);
        expect(answer).toMatchObject({ status: 400, setCookies: [] });
        expect(answer.body).toMatchObject({ message: expect.stringContaining('"newPassword"') });
        expect((await there.session()).body.signedIn).toBe(true);
        await olga();
      },
    );

    it('is for those who are signed in', async () => {
      expect(await change(new Visitor(url), NEW)).toMatchObject({
        status: 401,
        body: { code: 'SESSION_REQUIRED' },
      });
    });
  });
});
