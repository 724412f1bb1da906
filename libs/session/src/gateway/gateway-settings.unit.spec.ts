import { GatewaySettings } from './gateway-settings.js';

const settings = (options: object = {}) => new GatewaySettings(options);

describe('the options of the gateway', () => {
  it('have defaults', () => {
    expect(settings()).toMatchObject({
      path: 'session-gateway',
      userHeader: 'X-Session-User',
      idHeader: 'X-Session-Id',
      fields: [],
      allowAnonymous: false,
      maxHeaderBytes: 2048,
    });
  });

  it('name a header after its field', () => {
    const names = ['tenant', 'displayName', 'display_name2', 'URL', 'a-b'];
    const fields = Object.fromEntries(names.map((name) => [name, 'text']));
    expect(settings({ fields }).fields.map(({ header }) => header)).toEqual([
      'X-Session-Tenant',
      'X-Session-Display-Name',
      'X-Session-Display-Name2',
      'X-Session-URL',
      'X-Session-A-B',
    ]);
  });

  it('take other names', () => {
    const fields = { roles: { as: 'json', header: 'Remote-Groups' } };
    expect(settings({ fields, userHeader: 'X-WebAuth-User', idHeader: 'x-sid' })).toMatchObject({
      userHeader: 'X-WebAuth-User',
      idHeader: 'x-sid',
      fields: [{ field: 'roles', as: 'json', header: 'Remote-Groups' }],
    });
  });

  it.each<[object, RegExp]>([
    [{ path: '' }, /path is ""/],
    [{ path: 'a/../b' }, /path is/],
    [{ path: ':id' }, /path is/],
    [{ path: 1 }, /path is 1/],
    [{ allowAnonymous: 'yes' }, /allowAnonymous is a string/],
    [{ maxHeaderBytes: 0 }, /maxHeaderBytes is 0/],
    [{ maxHeaderBytes: 20_000 }, /from 1 to 16384/],
    [{ fields: ['tenant'] }, /fields is tenant/],
    [{ fields: null }, /fields is null/],
    [{ fields: { tenant: 'number' } }, /fields\.tenant is "number"/],
    [{ fields: { tenant: null } }, /fields\.tenant is null/],
    [{ fields: { tenant: { header: 'X-Tenant' } } }, /fields\.tenant is undefined/],
    [{ fields: { '~user': 'text' } }, /fields\.~user/],
    [{ fields: { größe: 'text' } }, /fields\.größe\.header/],
    [{ fields: { token: 'text' } }, /fields\.token\.header is "X-Session-Token"/],
    [{ fields: { code: 'text' } }, /fields\.code\.header is "X-Session-Code"/],
    [{ fields: { user: 'text' } }, /fields\.user is "X-Session-User".*taken/],
    [{ fields: { a: 'text', A: 'text' } }, /fields\.A is "X-Session-A".*taken/],
    [{ userHeader: 'X-Session-ID' }, /idHeader is "X-Session-Id".*taken/],
    ...[
      'User',
      'Set-Cookie',
      'Cache-Control',
      'Authorization',
      'X-User_Id',
      'X-',
      'X-A-',
      'X-A\r\nB: c',
      'X-A:',
      'X-Accel-Redirect',
      'x-accel-buffering',
      'X-Envoy-Upstream-Rq-Timeout-Ms',
      'X-Sendfile',
      'X-Forwarded-For',
      'X-Real-IP',
      `X-${'a'.repeat(63)}`,
    ].map((userHeader) => [{ userHeader }, /userHeader is/] as [object, RegExp]),
  ])('are refused at the start: %j', (options, message) => {
    expect(() => settings(options)).toThrow(
      expect.objectContaining({ code: 'SESSION_CONFIG', message: expect.stringMatching(message) }),
    );
    expect(() => settings(options)).toThrow(/^SessionGatewayModule: /);
  });
});
