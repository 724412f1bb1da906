import type { SessionOptions } from './session.options.js';
import { SessionSettings } from './session.settings.js';

const redis = 'redis://localhost:6379';
const settings = (options: Partial<SessionOptions> = {}) =>
  new SessionSettings({ redis, ...options });

describe('the options', () => {
  it('have defaults that suit most applications', () => {
    expect(settings()).toMatchObject({
      keyPrefix: '',
      lifetime: { idleSeconds: 1800, absoluteSeconds: 43_200 },
      rememberedLifetime: { idleSeconds: 604_800, absoluteSeconds: 2_592_000 },
      touchIntervalMs: 30_000,
      storeTimeoutMs: 500,
      searchTimeoutMs: 500,
      cookie: { name: 'id', secure: false, sameSite: 'lax', domain: undefined, path: '/' },
      recordDevice: true,
    });
  });

  it('make the cookie secure and bind it to the host in production', () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      expect(settings().cookie).toMatchObject({ name: '__Host-id', secure: true });
      expect(settings({ cookie: { domain: 'example.com' } }).cookie.name).toBe('id');
    } finally {
      process.env.NODE_ENV = before;
    }
  });

  it('fit a default to the lifetime that was given', () => {
    expect(settings({ absoluteTimeoutSeconds: 60 }).lifetime).toEqual({
      idleSeconds: 60,
      absoluteSeconds: 60,
    });
    expect(settings({ remember: { absoluteTimeoutSeconds: 3600 } }).rememberedLifetime).toEqual({
      idleSeconds: 3600,
      absoluteSeconds: 3600,
    });
  });

  it.each<[string, Partial<SessionOptions>, string]>([
    [
      'an idle timeout in milliseconds',
      { idleTimeoutSeconds: 1_800_000 },
      'from 1 to 43200, the default of absoluteTimeoutSeconds.',
    ],
    [
      'an idle timeout above the absolute one',
      { idleTimeoutSeconds: 7200, absoluteTimeoutSeconds: 3600 },
      'from 1 to 3600, the value of absoluteTimeoutSeconds.',
    ],
    [
      'an idle timeout above the default of the absolute one',
      { remember: { idleTimeoutSeconds: 2_592_001 } },
      'from 1 to 2592000, the default of remember.absoluteTimeoutSeconds.',
    ],
    [
      'an idle timeout above a level of assurance',
      { assurance: 'aal3', idleTimeoutSeconds: 901 },
      'from 1 to 900, the limit of assurance "aal3".',
    ],
    [
      'an absolute timeout above a level of assurance',
      { assurance: 'aal2', remember: { absoluteTimeoutSeconds: 86_401 } },
      'from 1 to 86400, the limit of assurance "aal2".',
    ],
    [
      'an absolute timeout that no cookie lives',
      { absoluteTimeoutSeconds: 43_200_000 },
      'from 1 to 34560000, the longest that browsers keep a cookie.',
    ],
  ])('refuse %s, and say where the bound comes from', (_, options, bound) => {
    expect(() => settings(options)).toThrow(`It must be a whole number of seconds ${bound}`);
  });

  it.each([
    ['aal1', 1800, 43_200, 604_800, 2_592_000],
    ['aal2', 1800, 43_200, 3600, 86_400],
    ['aal3', 900, 43_200, 900, 43_200],
  ] as const)('stay within %s of NIST SP 800-63B-4', (assurance, ...seconds) => {
    const { lifetime, rememberedLifetime } = settings({ assurance });
    expect([
      lifetime.idleSeconds,
      lifetime.absoluteSeconds,
      rememberedLifetime.idleSeconds,
      rememberedLifetime.absoluteSeconds,
    ]).toEqual(seconds);
  });

  it('touch at most once a minute, and sixty times within a short idle timeout', () => {
    expect(settings({ idleTimeoutSeconds: 36_000 }).touchIntervalMs).toBe(60_000);
    expect(settings({ idleTimeoutSeconds: 600 }).touchIntervalMs).toBe(10_000);
    expect(settings({ touchIntervalSeconds: 0 }).touchIntervalMs).toBe(0);
  });

  it.each<[string, Partial<SessionOptions>]>([
    ['redis', { redis: undefined as never }],
    ['redis', { redis: 6379 as never }],
    ['keyPrefix', { keyPrefix: 'a{b}' }],
    ['idleTimeoutSeconds', { idleTimeoutSeconds: 0 }],
    ['idleTimeoutSeconds', { idleTimeoutSeconds: -1 }],
    ['idleTimeoutSeconds', { idleTimeoutSeconds: 1.5 }],
    ['idleTimeoutSeconds', { idleTimeoutSeconds: Number.NaN }],
    ['idleTimeoutSeconds', { idleTimeoutSeconds: '30m' as never }],
    ['idleTimeoutSeconds', { idleTimeoutSeconds: 100, absoluteTimeoutSeconds: 99 }],
    ['absoluteTimeoutSeconds', { absoluteTimeoutSeconds: Infinity }],
    ['absoluteTimeoutSeconds', { absoluteTimeoutSeconds: 34_560_001 }],
    ['remember.idleTimeoutSeconds', { remember: { idleTimeoutSeconds: 0 } }],
    ['touchIntervalSeconds', { touchIntervalSeconds: -1 }],
    ['touchIntervalSeconds', { touchIntervalSeconds: 1801 }],
    ['storeTimeoutMs', { storeTimeoutMs: 0 }],
    ['storeTimeoutMs', { storeTimeoutMs: 60_001 }],
    ['searchTimeoutMs', { searchTimeoutMs: 0 }],
    ['searchTimeoutMs', { searchTimeoutMs: 60_001 }],
    ['assurance', { assurance: 'aal4' as never }],
    ['idleTimeoutSeconds', { assurance: 'aal3', idleTimeoutSeconds: 901 }],
    ['absoluteTimeoutSeconds', { assurance: 'aal2', absoluteTimeoutSeconds: 86_401 }],
    [
      'remember.absoluteTimeoutSeconds',
      { assurance: 'aal2', remember: { absoluteTimeoutSeconds: 86_401 } },
    ],
    ['renewIntervalSeconds', { renewIntervalSeconds: 59 }],
    ['maxSessionsPerUser.limit', { maxSessionsPerUser: { limit: 0, whenReached: 'refuse' } }],
    [
      'maxSessionsPerUser.whenReached',
      { maxSessionsPerUser: { limit: 1, whenReached: 'ask' as never } },
    ],
    ['token', { token: 'query' as never }],
    ['cookie.name', { cookie: { name: 'a b' } }],
    ['cookie.name', { cookie: { name: '' } }],
    ['cookie.name', { cookie: { name: '__Host-x' } }],
    ['cookie.name', { cookie: { name: '__Host-x', secure: true, domain: 'example.com' } }],
    ['cookie.name', { cookie: { name: '__host-x', secure: true, path: '/app' } }],
    ['cookie.name', { cookie: { name: '__Secure-x' } }],
    ['cookie.sameSite', { cookie: { sameSite: 'none' } }],
    ['cookie.sameSite', { cookie: { sameSite: 'Lax' as never } }],
    ['cookie.path', { cookie: { path: 'app' } }],
    ['cookie.path', { cookie: { path: '/; Domain=evil.example' } }],
    ['cookie.domain', { cookie: { domain: 'a; b' } }],
    ['cookie.formerScopes', { cookie: { formerScopes: {} as never } }],
    [
      'cookie.formerScopes',
      { cookie: { formerScopes: Array.from({ length: 9 }, () => ({ path: '/app' })) } },
    ],
    [
      'cookie.formerScopes',
      { cookie: { name: '__Host-x', secure: true, formerScopes: [{ domain: 'example.com' }] } },
    ],
    ['cookie.formerScopes\\[0\\]', { cookie: { formerScopes: [{}] } }],
    ['cookie.formerScopes\\[0\\]', { cookie: { path: '/a', formerScopes: [{ path: '/a' }] } }],
    [
      'cookie.formerScopes\\[1\\]',
      { cookie: { domain: '.Example.com', formerScopes: [{}, { domain: 'example.com' }] } },
    ],
    ['cookie.formerScopes\\[0\\].path', { cookie: { formerScopes: [{ path: 'app' }] } }],
    ['cookie.formerScopes\\[0\\].domain', { cookie: { formerScopes: [{ domain: 'a;b' }] } }],
  ])('refuse a wrong %s with a message that names it', (name, options) => {
    expect(() => settings(options)).toThrow(
      expect.objectContaining({
        code: 'SESSION_CONFIG',
        message: expect.stringMatching(
          new RegExp(`^SessionModule: ${name} is .*\\. It must be .+\\.$`),
        ),
      }),
    );
  });

  it('never show the URL of Redis, which may hold a password', () => {
    expect(() => settings({ redis: 1 as never })).toThrow(/redis is number\./);
  });
});
