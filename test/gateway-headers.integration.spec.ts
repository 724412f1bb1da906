import type { SessionData } from 'nestjs-redis-session';
import { idOfToken } from '../libs/session/src/core/token.js';
import { PLATFORMS, type TestApp } from './support/app.js';
import { signedIn, startGatewaySite } from './support/gateway-site.js';
import { useRedis } from './support/redis.js';
import { rawRequest } from './shop/support/raw-request.js';

const FIELDS = {
  tenant: 'text',
  seat: 'text',
  isOwner: 'text',
  displayName: 'text',
  roles: { as: 'json', header: 'X-Roles' },
  lines: 'json',
  note: { as: 'json', header: 'X-Note' },
} as const;

describe.each(PLATFORMS)('what the gateway says in headers, on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  beforeAll(async () => {
    site = await startGatewaySite(
      platform,
      { redis: redis.url },
      { fields: FIELDS, maxHeaderBytes: 1000 },
    );
  });
  afterAll(() => site?.app.close());

  const ask = async (fields: Partial<SessionData>, user = 'alice') =>
    (await signedIn(site, user, fields)).get('session-gateway');
  const headerOf = async (fields: Partial<SessionData>, name: string) => {
    const { status, headers } = await ask(fields);
    expect(status).toBe(200);
    return headers.get(name);
  };

  it('is a text as it is, and a number, and a truth', async () => {
    const { headers } = await ask({ tenant: 'acme', seat: 12.5, isOwner: false });
    expect(headers.get('x-session-tenant')).toBe('acme');
    expect(headers.get('x-session-seat')).toBe('12.5');
    expect(headers.get('x-session-is-owner')).toBe('false');
  });

  const HOSTILE: readonly [what: string, value: string, encoded?: string][] = [
    ['a new line', 'a\r\nX-Session-User: mallory', 'a%0D%0AX-Session-User:%20mallory'],
    ['a line feed', '\nadmin', '%0Aadmin'],
    ['NUL, tab, escape, delete', '\0\t\x1b\x7f', '%00%09%1B%7F'],
    ['blanks around it', '  a b  ', '%20%20a%20b%20%20'],
    ['the sign that encodes', '100%0A', '100%250A'],
    ['Latin letters', 'Zoë', 'Zo%C3%AB'],
    ['letters beyond 16 bits', '日本 𝒳 🙂', '%E6%97%A5%E6%9C%AC%20%F0%9D%92%B3%20%F0%9F%99%82'],
    ['C1 controls and odd line ends', '\x85\u2028', '%C2%85%E2%80%A8'],
    ['all visible ASCII', '!"#$&\'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~'],
    ['nothing', ''],
  ];

  it.each(HOSTILE)('is percent-encoded: %s', async (_, value, encoded = value) => {
    const header = await headerOf({ tenant: value }, 'x-session-tenant');
    expect(header).toBe(encoded);
    expect(decodeURIComponent(header!)).toBe(value);
  });

  it.each(HOSTILE.filter(([, value]) => value !== ''))(
    'is percent-encoded in a user id, too: %s',
    async (_, value, encoded = value) => {
      const { headers } = await ask({}, value);
      expect(headers.get('x-session-user')).toBe(encoded);
    },
  );

  it('has on the wire one line for each header, and every declared one', async () => {
    const alice = await signedIn(site, 'a\r\nb', { tenant: 'x\r\n\r\n<p>' });
    const answer = await rawRequest(site.url, [
      'GET /session-gateway HTTP/1.1',
      `Cookie: ${alice.jar.header}`,
    ]);
    const [head, body] = answer.split('\r\n\r\n');
    const lines = head!.split('\r\n').filter((line) => /^(x-session|x-roles|x-note)/i.test(line));
    expect(lines.map((line) => line.trim())).toEqual([
      'X-Session-User: a%0D%0Ab',
      `X-Session-Id: ${idOfToken(alice.jar.cookies.get('id') as never)}`,
      'X-Session-Tenant: x%0D%0A%0D%0A<p>',
      'X-Session-Seat:',
      'X-Session-Is-Owner:',
      'X-Session-Display-Name:',
      'X-Roles:',
      'X-Session-Lines:',
      'X-Note:',
    ]);
    expect(body).toBe('');
  });

  it('is JSON where it is declared so, whatever it holds', async () => {
    const lines = [{ sku: 'ä\n', quantity: 1 }];
    const { headers } = await ask({ roles: ['admin', 'a b'], lines, note: '' });
    expect(JSON.parse(decodeURIComponent(headers.get('x-roles')!))).toEqual(['admin', 'a b']);
    expect(JSON.parse(decodeURIComponent(headers.get('x-session-lines')!))).toEqual(lines);
    expect(headers.get('x-note')).toBe('""');
    expect(await headerOf({ note: '\ud800' }, 'x-note')).toBe('"\\ud800"');
  });

  it('is empty for a text that is null', async () => {
    expect(await headerOf({ displayName: null }, 'x-session-display-name')).toBe('');
  });

  const expectRefused = async (response: Response) => {
    expect(response.status).toBe(500);
    expect(response.headers.get('x-session-code')).toBe('SESSION_FORMAT');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-session-user')).toBeNull();
    const message = 'Internal server error';
    expect(await response.json()).toEqual({ statusCode: 500, message, code: 'SESSION_FORMAT' });
  };

  it.each([
    ['an array', ['admin']],
    ['an object', { a: 1 }],
    ['half a surrogate pair', 'a\ud800'],
  ])('is refused, and nobody passes: %s as text', async (_, value) => {
    await expectRefused(await ask({ tenant: value as string }));
  });

  it('is refused when it is too long, and not cut: a field, a user id, or all together', async () => {
    await expectRefused(await ask({ tenant: 'x'.repeat(1000) }));
    await expectRefused(await ask({}, '日'.repeat(200)));
    await expectRefused(await ask({ tenant: 'x'.repeat(450), displayName: 'x'.repeat(450) }));
  });

  it('may be as long as is allowed, names and all', async () => {
    const bytes = async (tenant: string) => {
      const { status, headers } = await ask({ tenant });
      const ours = [...headers].filter(([name]) => /^x-(session|roles|note)/.test(name));
      return {
        status,
        sum: ours.reduce((sum, [name, value]) => sum + `${name}${value}`.length + 4, 0),
      };
    };
    const { sum } = await bytes('');
    expect(await bytes('x'.repeat(1000 - sum))).toEqual({ status: 200, sum: 1000 });
    expect((await bytes('x'.repeat(1001 - sum))).status).toBe(500);
  });
});
