import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { freePort } from '../../redis-server/ports.js';
import { CookieJar } from '../support/browser-cookies.js';
import { eventually } from '../support/eventually.js';
import { describeUnless } from '../support/obstacles.js';
import { notInShort } from '../support/scale.js';
import type { Proxy } from '../support/proxy.js';
import { useRedis } from '../support/redis.js';
import { openSocket } from '../websockets/support/live-client.js';
import { launchNginx, noNginx } from './support/nginx.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { Visitor } from './support/visitor.js';
import { VisitorsAtWork } from './support/visitors-at-work.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

// As in deploy/, where nginx and whoever comes over this machine have addresses of the network that is trusted.
const TRUSTED = '127.0.0.1, 127.0.0.2';
const CLIENT = '127.0.0.2';
const STRANGER = '127.0.0.3';
/** Enough for a shop that starts again on a busy machine. */
const PATIENCE_MS = 120_000;

describeUnless(
  noNginx || notInShort(),
  'two instances of the shop behind nginx, nothing sticky',
  () => {
    const redis = useRedis();
    const startShop = useShopProcesses();
    const instances: Record<string, ShopProcess> = {};
    let nginx: Proxy;

    /** As deploy/compose.yaml has it, but for addresses; and one of each platform. */
    const start = async (name: string, platform: string, port: string) => {
      instances[name] = await startShop({
        NODE_ENV: 'production',
        REDIS_URL: redis.url,
        TRUST_PROXY: TRUSTED,
        INSTANCE_NAME: name,
        HTTP_PLATFORM: platform,
        PORT: port,
      });
    };
    const startLeft = (port: string) => start('left', 'express', port);
    beforeAll(async () => {
      const [left, right] = [await freePort(), await freePort()];
      await Promise.all([startLeft(`${left}`), start('right', 'fastify', `${right}`)]);
      nginx = await launchNginx({ left: instances['left']!.url, right: instances['right']!.url });
    }, PATIENCE_MS);
    afterAll(() => nginx?.stop());

    const carol = async () => {
      const visitor = new Visitor(nginx.url);
      expect(await visitor.signIn('carol')).toMatchObject({ status: 200 });
      return visitor;
    };
    /** What a browser learns from so many requests, one after the other. */
    const sessions = async (visitor: Visitor, count: number) => {
      const seen = [];
      for (let i = 0; i < count; i++) seen.push((await visitor.session()).body);
      return seen;
    };
    const namesOf = (seen: { instance: string }[]) => seen.map(({ instance }) => instance);

    it('are configured as nginx wants it, without a warning', () => {
      expect(nginx.check().said).toMatch(
        /^nginx: .* syntax is ok\nnginx: .* test is successful\n$/,
      );
    });

    it('take turns, and a sign-in at one is known at the other', async () => {
      const seen = await sessions(await carol(), 8);
      expect(namesOf(seen).filter((name) => name === 'left')).toHaveLength(4);
      expect(namesOf(seen).filter((name) => name === 'right')).toHaveLength(4);
      for (const session of seen)
        expect(session).toMatchObject({ signedIn: true, userId: 'carol' });
    });

    it('set the cookie that is for HTTPS and this host alone', async () => {
      const { setCookies } = await new Visitor(nginx.url).signIn('carol');
      expect(setCookies).toEqual([expect.stringMatching(/^__Host-id=[^;]+;.*\bSecure\b/)]);
    });

    it('keep all that is written at both at once, in one field and in several', async () => {
      const visitor = await carol();
      const tea = Array.from({ length: 6 }, () => visitor.addToCart('tea', 1));
      const views = Array.from({ length: 6 }, () => visitor.view());
      const theme = visitor.send('PUT', '/api/theme', { theme: 'dark' });
      for (const { status } of await Promise.all([...tea, ...views, theme]))
        expect(status).toBe(200);
      for (const session of await sessions(visitor, 2)) {
        expect(session).toMatchObject({
          cart: [{ sku: 'tea', quantity: 6 }],
          views: 6,
          theme: 'dark',
        });
      }
    });

    it('tell an open tab of what happens at the other one', async () => {
      const visitor = await carol();
      const headers = { cookie: visitor.jar.header, origin: nginx.url };
      const tabs = [
        await openSocket('ws', nginx, headers, '/live'),
        await openSocket('ws', nginx, headers, '/live'),
      ];
      await visitor.addToCart('tea', 1);
      for (const tab of tabs) {
        const news = await tab.take(1);
        // That she has signed in may be told as well.
        if (news[0]?.event === 'devices') news.splice(0, 1, ...(await tab.take(1)));
        expect(news).toEqual([{ event: 'session' }]);
      }
      await visitor.send('POST', '/api/sign-out');
      for (const tab of tabs) expect(await tab.closed).toBe('SESSION_SIGNED_OUT');
    });

    it('both know at once that somebody has signed out', async () => {
      const visitor = await carol();
      const later = new Visitor(nginx.url, new CookieJar());
      for (const [name, value] of visitor.jar.cookies) later.jar.cookies.set(name, value);
      expect(await visitor.send('POST', '/api/sign-out')).toMatchObject({ status: 204 });
      const seen = await sessions(later, 2);
      expect(namesOf(seen).toSorted()).toEqual(['left', 'right']);
      for (const session of seen) expect(session.endedCode).toBe('SESSION_SIGNED_OUT');
    });

    describe('know the address of a client', () => {
      it('and not that of nginx, nor one that the client makes up', async () => {
        for (const turn of ['one', 'the other']) {
          const address = await addressOf(nginx.url, CLIENT);
          expect({ turn, address }).toEqual({ turn, address: CLIENT });
        }
      });

      it('by itself where it comes past nginx, whatever it says', async () => {
        for (const { url } of Object.values(instances)) {
          expect(await addressOf(url, STRANGER)).toBe(STRANGER);
        }
      });
    });

    it('refuse what another site makes a browser send, and know their own site', async () => {
      const statusFrom = async (origin: string) => {
        const answer = await fetch(`${nginx.url}/api/views`, {
          method: 'POST',
          headers: { origin },
        });
        return answer.status;
      };
      expect(await statusFrom('http://elsewhere.example')).toBe(403);
      expect(await statusFrom(nginx.url)).toBe(200);
    });

    it.each(['SIGKILL', 'SIGTERM'] as const)(
      'sign nobody out and lose nothing when one gets %s, and take it back',
      async (signal) => {
        const reader = await carol();
        const work = await VisitorsAtWork.begin([nginx.url]);
        defer(() => work.end());
        const isLeft = async () => {
          const { status, body } = await reader.session();
          // A GET that one did not answer is answered by the other.
          expect({ status, userId: body.userId }).toEqual({ status: 200, userId: 'carol' });
          return body.instance === 'left';
        };
        await work.untilAnswered(200, 50);
        const { url } = instances['left']!;
        const [ending] = await Promise.all([
          instances['left']!.end(signal),
          eventually('the other has all requests', async () => {
            for (let i = 0; i < 10; i++) if (await isLeft()) return false;
            return true;
          }),
        ]);
        expect(ending).toMatchObject(signal === 'SIGTERM' ? { code: 0 } : { signal });
        await work.untilAnswered(200, 50);
        await startLeft(new URL(url).port);
        await eventually('it gets requests again', isLeft);
        await work.end();
        expect(work.surprises).toEqual([]);
        expect(await work.lost()).toEqual([]);
      },
      PATIENCE_MS,
    );
  },
);

/** What the shop takes for the address of a client that says it had another one. */
async function addressOf(site: string, localAddress: string): Promise<string> {
  const visitor = new Visitor(site);
  const sending = request(`${site}/api/sign-in`, {
    method: 'POST',
    localAddress,
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.7' },
  }).end(JSON.stringify({ username: 'carol', password: 'carol-pw' }));
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  answer.resume();
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  visitor.jar.keep(new Response(null, { headers: { 'set-cookie': cookie } }));
  const { body } = await visitor.send<{ current: boolean; address: string }[]>(
    'GET',
    '/api/devices',
  );
  return body.find(({ current }) => current)?.address ?? 'none';
}
