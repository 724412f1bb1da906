import { SessionGatewayModule } from '../gateway/session-gateway.module.js';
import { OnSessionEvent } from '../events/on-session-event.decorator.js';
import { SessionEventsSettings } from '../events/session-events.settings.js';
import { connectRedisSessions } from '../express-session/connect-redis-sessions.js';
import { storeSettingsOf } from '../express-session/store-options.js';
import { SessionPassportModule } from '../passport/session-passport.module.js';
import { SessionSettings } from '../session.settings.js';
import { SocketSettings } from '../sockets/socket-settings.js';
import { editDistance } from './suggest-option.js';

const redis = 'redis://localhost:6379';
const start = (options: object) => new SessionSettings({ redis, ...options });
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: 'SESSION_CONFIG' });
    return (error as Error).message;
  }
  return 'accepted';
};

describe('an unknown option', () => {
  it.each([
    // Spelled wrongly.
    ['idleTimeoutSecond', 'idleTimeoutSeconds'],
    ['ideTimeoutSeconds', 'idleTimeoutSeconds'],
    ['idleTimeoutSecnods', 'idleTimeoutSeconds'],
    ['storeTimeoutMS', 'storeTimeoutMs'],
    ['keyprefix', 'keyPrefix'],
    ['key_prefix', 'keyPrefix'],
    ['recordDevices', 'recordDevice'],
    ['cookies', 'cookie'],
    ['tokens', 'token'],
    ['mergeGuests', 'mergeGuest'],
    ['maxSessionPerUser', 'maxSessionsPerUser'],
    // Without the unit, or with another one.
    ['idleTimeout', 'idleTimeoutSeconds'],
    ['idleTimeoutMs', 'idleTimeoutSeconds'],
    ['absoluteTimeoutMinutes', 'absoluteTimeoutSeconds'],
    ['touchInterval', 'touchIntervalSeconds'],
    ['storeTimeout', 'storeTimeoutMs'],
    ['searchTimeout', 'searchTimeoutMs'],
    // Known from other libraries.
    ['ttl', 'idleTimeoutSeconds'],
    ['maxAge', 'absoluteTimeoutSeconds'],
    ['prefix', 'keyPrefix'],
    ['client', 'redis'],
    ['store', 'redis'],
    ['url', 'redis'],
    ['disableTouch', 'touchIntervalSeconds'],
    ['rememberMe', 'remember'],
    // At another level.
    ['name', 'cookie.name'],
    ['key', 'cookie.name'],
    ['sameSite', 'cookie.sameSite'],
    ['whenReached', 'maxSessionsPerUser.whenReached'],
  ])('%s is refused with the suggestion %s', (name, suggestion) => {
    expect(messageOf(() => start({ [name]: 60 }))).toBe(
      `Unknown option "${name}" for SessionModule. Did you mean "${suggestion}"?`,
    );
  });

  it.each([
    ['cookie', 'maxAge', 'absoluteTimeoutSeconds'],
    ['cookie', 'samesite', 'cookie.sameSite'],
    ['cookie', 'Secure', 'cookie.secure'],
    ['cookie', 'domains', 'cookie.domain'],
    ['remember', 'idleSeconds', 'remember.idleTimeoutSeconds'],
    ['remember', 'absoluteTimeout', 'remember.absoluteTimeoutSeconds'],
    ['maxSessionsPerUser', 'limits', 'maxSessionsPerUser.limit'],
    ['maxSessionsPerUser', 'max', 'maxSessionsPerUser.limit'],
    ['maxSessionsPerUser', 'strategy', 'maxSessionsPerUser.whenReached'],
  ])('in %s: %s is refused with the suggestion %s', (place, name, suggestion) => {
    expect(messageOf(() => start({ [place]: { [name]: 1 } }))).toBe(
      `Unknown option "${place}.${name}" for SessionModule. Did you mean "${suggestion}"?`,
    );
  });

  it.each([
    [{ secret: 'keyboard cat' }, /nothing is signed/],
    [{ resave: false }, /only fields that changed/],
    [{ saveUninitialized: false }, /created when/],
    [{ rolling: true }, /with each request/],
    [{ cookie: { httpOnly: true } }, /always HttpOnly/],
    [{ cookie: { partitioned: true } }, /not supported/],
    [{ isGlobal: true }, /next to useFactory/],
    [{ colour: 'red' }, /The options are: redis|The options are: idleTimeoutSeconds/],
  ])('that has no counterpart says why: %j', (options, reason) => {
    expect(messageOf(() => start(options))).toMatch(reason);
  });

  it('is named together with all others, and no value is shown', () => {
    const message = messageOf(() => start({ secret: 'hunter2', ttl: 5, cookie: { maxage: 5 } }));
    expect(message.split('\n')).toHaveLength(3);
    expect(message).not.toContain('hunter2');
  });

  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
    'may have a name that every object knows: %s',
    (name) => {
      const options = JSON.parse(`{ "redis": "redis://localhost", "${name}": 1 }`);
      expect(messageOf(() => new SessionSettings(options))).toContain(`Unknown option "${name}"`);
    },
  );
});

describe('an option that holds options', () => {
  it.each([
    ['remember', true],
    ['remember', null],
    ['remember', 604_800],
    ['remember', [604_800]],
    ['cookie', 'sid'],
    ['cookie', null],
    ['cookie', new Map([['name', 'sid']])],
    ['maxSessionsPerUser', 5],
    ['maxSessionsPerUser', [5, 'refuse']],
  ])('%s must be an object, not %p', (name, value) => {
    expect(messageOf(() => start({ [name]: value }))).toMatch(
      new RegExp(`^SessionModule: ${name} is .*It must be an object with some of these options: `),
    );
  });

  it('may be left out as undefined, and be an instance of a class', () => {
    class Cookie {
      readonly name = 'sid';
    }
    expect(start({ cookie: undefined, remember: undefined }).cookie.name).toBe('id');
    expect(start({ cookie: new Cookie() }).cookie.name).toBe('sid');
  });
});

describe('the options themselves', () => {
  it.each([null, undefined, [], 'redis://user:hunter2@localhost', 5, new Map()])(
    'must be an object, not %p',
    (options) => {
      const message = messageOf(() => new SessionSettings(options as never));
      expect(message).toMatch(/^SessionModule: the options are /);
      expect(message).not.toContain('hunter2');
    },
  );

  it('must be awaited', () => {
    expect(messageOf(() => new SessionSettings(Promise.resolve({ redis }) as never))).toMatch(
      /forRootAsync/,
    );
  });
});

describe('an option of the wrong type', () => {
  it.each([
    ['recordDevice', { recordDevice: 'false' }],
    ['prepareIndexAtStart', { prepareIndexAtStart: 0 }],
    ['examineAtStart', { examineAtStart: null }],
    ['cookie.secure', { cookie: { secure: 'auto' } }],
    ['cookie.name', { cookie: { name: 5 } }],
    ['cookie.domain', { cookie: { domain: null } }],
    ['mergeGuest', { mergeGuest: 'all' }],
    ['index', { index: [] }],
    ['redis', { redis: ['redis://localhost'] }],
    ['redis.url', { redis: { url: 'redis://localhost' } }],
    ['redis.socket', { redis: { socket: { host: 'localhost' } } }],
    ['assurance', { assurance: 'toString' }],
  ])('%s', (name, options) => {
    expect(messageOf(() => start(options))).toMatch(new RegExp(`^SessionModule: ${name} is `));
  });
});

describe('every other object of options', () => {
  it.each<[string, () => unknown, string]>([
    ['events', () => new SessionEventsSettings({ expires: true } as never), '"expired"'],
    [
      'a stream of events',
      () => new SessionEventsSettings({ stream: { maxlen: 1000 } } as never),
      '"stream.maxLength"',
    ],
    ['sockets', () => new SocketSettings({ allowedOrigin: [] } as never, 'M'), '"allowedOrigins"'],
    ['a gateway', () => SessionGatewayModule.forRoot({ field: {} } as never), '"fields"'],
    [
      'a field of a gateway',
      () => SessionGatewayModule.forRoot({ fields: { x: { as: 'text', head: 'X-A' } } } as never),
      '"fields.x.header"',
    ],
    ['Passport', () => SessionPassportModule.forRoot({ userid: String } as never), '"userId"'],
    ['a store', () => storeSettingsOf({ redis, ttl: 60 } as never), '"ttlSeconds"'],
    [
      'a source',
      () => connectRedisSessions({ redis, secret: 'x', userId: String, keyPrefix: 'a' } as never),
      '"prefix"',
    ],
    [
      'the cookie of a source',
      () =>
        connectRedisSessions({ redis, secret: 'x', userId: String, cookie: { nam: 'a' } } as never),
      '"cookie.name"',
    ],
    ['a handler of events', () => OnSessionEvent('revoked', { groups: 'a' } as never), '"group"'],
  ])('refuses unknown ones: %s', (_, act, suggestion) => {
    expect(messageOf(act)).toMatch(/^Unknown option "/);
    expect(messageOf(act)).toContain(`Did you mean ${suggestion}?`);
  });

  it.each<[string, () => unknown]>([
    ['events', () => new SessionEventsSettings({ stream: true } as never)],
    ['sockets', () => new SocketSettings({ signedInOnly: 'yes' } as never, 'M')],
    ['a gateway', () => SessionGatewayModule.forRoot(null as never)],
    ['a field of a gateway', () => SessionGatewayModule.forRoot({ fields: { x: [] } } as never)],
    ['Passport', () => SessionPassportModule.forRoot({ userId: 'id' } as never)],
    ['a store', () => storeSettingsOf({ redis, disableTouch: 'no' } as never)],
    ['a source without a user', () => connectRedisSessions({ redis, secret: 'x' } as never)],
    ['a source', () => connectRedisSessions({ redis, secret: 'x', userId: 'id' } as never)],
  ])('refuses wrong shapes: %s', (_, act) => {
    expect(messageOf(act)).toMatch(/ must be /);
  });
});

describe('editDistance()', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['secnods', 'seconds', 1],
    ['cookie', 'cookies', 1],
  ])('%p to %p is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
