import { SessionService } from 'nestjs-redis-session';
import { idOfToken } from '../libs/session/src/core/token.js';
import { freePort } from '../redis-server/ports.js';
import { rawRequest } from './shop/support/raw-request.js';
import { PLATFORMS, type TestApp } from './support/app.js';
import { blocksOfMarkdown } from './support/documentation.js';
import { EchoService, type Received } from './support/echo-service.js';
import { eventually } from './support/eventually.js';
import { signedIn, startGatewaySite } from './support/gateway-site.js';
import { describeUnless } from './support/obstacles.js';
import { CADDY, ENVOY, NGINX } from './support/proxies.js';
import { launchProxy, noProxy, type Proxy, type ProxyProgram } from './support/proxy.js';
import { useRedis } from './support/redis.js';
import { Visitor } from './support/visitor.js';

interface Kind {
  readonly program: ProxyProgram;
  /** Of the block in the documentation. */
  readonly language: string;
  /** What becomes of headers that the gateway leaves empty. */
  readonly empty: object;
  /** What becomes of a request that has headers taken out on the way. */
  readonly whenSly: string;
  /** What a client gets while Redis is away. */
  readonly away: readonly [status: number, code: string | null, retryAfter: string | null];
  /** What a client gets while the application is away. */
  readonly statusAlone: number;
}

const TOLD = { whenSly: '200', away: [503, 'SESSION_STORE', '1'], statusAlone: 503 } as const;
const ALICE = { 'x-session-user': ['alice'], 'x-session-tenant': ['acme'] };
const EMPTY = { 'x-session-tenant': [''], 'x-session-roles': [''] };
const KINDS: readonly Kind[] = [
  { ...TOLD, program: NGINX, language: 'nginx', empty: {} },
  {
    ...TOLD,
    program: CADDY,
    language: 'caddyfile',
    empty: EMPTY,
    whenSly: '400',
    statusAlone: 502,
  },
  { ...TOLD, program: ENVOY, language: 'yaml', empty: EMPTY, away: [503, null, null] },
];
/** What names of headers may have besides letters, digits and `-` (RFC 9110, 5.6.2). */
const ALIASING = [..."!#$%&'*+.^_`|~"];
const COMBINATIONS = KINDS.flatMap((kind) => PLATFORMS.map((platform) => ({ kind, platform })));

/** The first configuration of that language in the documentation, with ports of this test and no other. */
function configured(language: string, ports: Readonly<Record<string, string>>): string {
  const block = blocksOfMarkdown('docs/gateway.md').find((found) => found.language === language);
  return block!.code
    .replaceAll('listen 8080', 'listen 127.0.0.1:8080')
    .replaceAll('0.0.0.0', '127.0.0.1')
    .replaceAll(/\b(?:8080|3000|8000)\b/g, (port) => ports[port]!);
}

for (const { kind, platform } of COMBINATIONS) {
  const { program } = kind;
  const title = `a service behind ${program.program} and the gateway, on ${platform}`;
  describeUnless(noProxy(program), title, () => {
    const redis = useRedis();
    let site: TestApp;
    let service: EchoService;
    let proxy: Proxy;
    beforeAll(async () => {
      service = await EchoService.start();
      site = await startGatewaySite(
        platform,
        { redis: redis.url, touchIntervalSeconds: 0 },
        { fields: { tenant: 'text', roles: 'json' } },
      );
      const own = `${await freePort()}`;
      const ports = { 8080: own, 3000: new URL(site.url).port, 8000: new URL(service.url).port };
      const configuration = configured(kind.language, ports);
      proxy = await launchProxy(program, configuration, `127.0.0.1:${own}`);
    });
    afterAll(async () => {
      await proxy?.stop();
      await service?.stop();
      await site?.app.close();
    });

    const alice = (fields = {}) =>
      signedIn(proxy, 'alice', { tenant: 'acme', roles: ['admin'], ...fields });
    const receivedFrom = async (response: Response) => {
      expect(response.status).toBe(200);
      return (await response.json()) as Received;
    };
    const receivedIn = (answer: string) =>
      JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as Received;
    /** By name in small letters, whatever a service might take for one of ours. */
    const identityIn = ({ rawHeaders }: Received) => {
      const found: Record<string, string[]> = {};
      for (let i = 0; i < rawHeaders.length; i += 2) {
        const name = rawHeaders[i]!.toLowerCase();
        // As CGI, WSGI and PHP read it: whatever is neither letter nor digit is the same to them.
        if (/^x[^a-z0-9]session/.test(name)) (found[name] ??= []).push(rawHeaders[i + 1]!);
      }
      return found;
    };
    const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
    const idOf = ({ jar }: Visitor) => idOfToken(jar.cookies.get('id') as never);
    /** Nothing of what `ask` does gets to the service. */
    const unheard = async <T>(ask: () => Promise<T>): Promise<T> => {
      const before = service.received;
      const answer = await ask();
      expect(service.received).toBe(before);
      return answer;
    };

    it('is configured as the program wants it, without a warning', () => {
      const { status, said } = proxy.check();
      expect(status).toBe(0);
      expect(said).not.toMatch(/\bwarn|deprecat/i);
    });

    it('gets the requests of users, with who they are and without their token', async () => {
      const visitor = await alice();
      const response = await visitor.post('reports/1?a=b', { sum: 1 });
      const received = await receivedFrom(response);
      expect(received).toMatchObject({ method: 'POST', url: '/reports/1?a=b', body: '{"sum":1}' });
      expect(identityIn(received)).toEqual({
        'x-session-user': ['alice'],
        'x-session-id': [idOf(visitor)],
        'x-session-tenant': ['acme'],
        'x-session-roles': ['["admin"]'],
      });
      expect(JSON.stringify(received)).not.toContain(visitor.jar.cookies.get('id'));
      expect(response.headers.getSetCookie()).toEqual([]);
    });

    it('gets no request of a stranger, who is told why', async () => {
      for (const method of ['GET', 'POST', 'HEAD']) {
        const response = await unheard(() => fetch(`${proxy.url}/reports/1`, { method }));
        expect(response.status).toBe(401);
        expect(response.headers.get('x-session-code')).toBe('SESSION_REQUIRED');
        if (method === 'HEAD') continue;
        expect(await response.json()).toMatchObject({ statusCode: 401, code: 'SESSION_REQUIRED' });
      }
    });

    it('gets no request of somebody who has just signed out, or was signed out', async () => {
      const [here, there] = [await alice(), await alice()];
      const former = new Visitor(proxy);
      former.jar.cookies.set('id', here.jar.cookies.get('id')!);
      await here.post('sign-out');
      const signedOut = await unheard(() => former.get('reports/1'));
      expect([signedOut.status, await codeOf(signedOut)]).toEqual([401, 'SESSION_SIGNED_OUT']);
      await here.delete('users/alice');
      const revoked = await unheard(() => there.get('reports/1'));
      expect([revoked.status, await codeOf(revoked)]).toEqual([401, 'SESSION_REVOKED']);
    });

    it('is never told by a client who they are', async () => {
      // Nothing of their own stands in the way: this user has no tenant and no roles.
      const visitor = await signedIn(proxy, 'bob');
      const lies = ['User', 'Id', 'Tenant', 'Roles'].flatMap((name) => [
        `X-Session-${name}: mallory`,
        `x-session-${name.toLowerCase()}: mallory`,
        ...ALIASING.flatMap((sign) => [
          `X${sign}Session${sign}${name}: mallory`,
          `X-Session${sign}${name}: mallory`,
          `X${sign}Session-${name}: mallory`,
        ]),
      ]);
      const cookie = `Cookie: ${visitor.jar.header}`;
      const answer = await rawRequest(proxy.url, ['GET /reports/1 HTTP/1.1', cookie, ...lies]);
      expect(identityIn(receivedIn(answer))).toEqual({
        'x-session-user': ['bob'],
        'x-session-id': [idOf(visitor)],
        ...kind.empty,
      });
      const stranger = ['GET /reports/1 HTTP/1.1', ...lies];
      expect(await unheard(() => rawRequest(proxy.url, stranger))).toMatch(/^HTTP\/1.1 401 /);
    });

    it('is told who a client is that has these headers taken out', async () => {
      const visitor = await alice();
      const answer = await rawRequest(proxy.url, [
        'GET /reports/1 HTTP/1.1',
        `Cookie: ${visitor.jar.header}`,
        'Connection: close, x-session-user, X-Session-Tenant',
      ]);
      expect(answer.split(' ', 2)[1]).toBe(kind.whenSly);
      // Where it is let through, it is alice's still.
      const told = kind.whenSly === '200' ? identityIn(receivedIn(answer)) : ALICE;
      expect(told).toMatchObject(ALICE);
    });

    it('gets values that try to break out as the text that they are', async () => {
      const tenant = 'a\r\nX-Session-User: mallory\r\n\r\nä "$user"';
      const received = await receivedFrom(await (await alice({ tenant })).get('reports/1'));
      const { 'x-session-tenant': told, 'x-session-user': user } = identityIn(received);
      expect([told!.map(decodeURIComponent), user]).toEqual([[tenant], ['alice']]);
    });

    it('keeps the session of a busy visitor alive', async () => {
      const visitor = await alice();
      const [key] = await redis.client.keys(`session:*:${idOf(visitor)}`);
      await redis.client.expire(key!, 60);
      await visitor.get('reports/1');
      await site.app.get(SessionService).ping();
      expect(await redis.client.ttl(key!)).toBeGreaterThan(60);
    });

    it('leaves nobody outside to ask the gateway', async () => {
      const visitor = await alice();
      const paths = ['', '/', '/reports/1', '?a=b'].flatMap((rest) => [
        `/session-gateway${rest}`,
        `/Session-Gateway${rest}`,
        `//session-gateway${rest}`,
        `/%73ession-gateway${rest}`,
        `/public/../session-gateway${rest}`,
        `/./session-gateway${rest}`,
      ]);
      const cookie = `Cookie: ${visitor.jar.header}`;
      const ask = async (path: string) => rawRequest(proxy.url, [`GET ${path} HTTP/1.1`, cookie]);
      // At once: Envoy lingers for a second over each connection that it closes.
      const answers = await Promise.all(paths.map(ask));
      const statusOf = (answer: string) => answer.split(' ', 2)[1];
      expect(answers.map((answer, i) => [paths[i], statusOf(answer)])).toEqual(
        paths.map((path) => [path, '404']),
      );
      for (const answer of answers) expect(answer).not.toMatch(/x-session/i);
    });

    it('gets no request of a user of whom not all can be said', async () => {
      const visitor = await alice({ tenant: 'x'.repeat(3000) });
      const { status } = await unheard(() => visitor.get('reports/1'));
      expect(status).toBeGreaterThanOrEqual(500);
    });

    it('gets no request while Redis is away, and clients are told to come back', async () => {
      const visitor = await alice();
      await redis.server.freeze();
      const response = await unheard(() => visitor.get('reports/1'));
      await redis.server.thaw();
      const told = ['x-session-code', 'retry-after'].map((name) => response.headers.get(name));
      expect([response.status, ...told]).toEqual(kind.away);
      await eventually('users pass', async () => (await visitor.get('reports/1')).status === 200);
    });

    it('gets no request while the application is away', async () => {
      const visitor = await alice();
      await site.app.close();
      const { status } = await unheard(() => visitor.get('reports/1'));
      expect(status).toBe(kind.statusAlone);
    });
  });
}
