import { assertRedisUrl } from './redis-url.js';

const SECRET = 's3cret';

describe('the URL of a Redis', () => {
  it.each([
    'redis://localhost',
    'redis://localhost:6379',
    'redis://localhost:6379/',
    'redis://localhost:6379/15',
    'rediss://user:pass@redis.example.com:6380/0?family=6',
    'redis://:p%40ss%2Fword%25@127.0.0.1:6379',
    'redis://:p@ss@127.0.0.1:6379',
    'redis://[::1]:6379/1',
    'localhost:6379',
    'localhost',
    '6379',
    '/var/run/redis.sock',
    'redis:///1',
    'redis://localhost:6379\n',
  ])('may be %j', (url) => {
    expect(() => assertRedisUrl(url)).not.toThrow();
  });

  it.each([
    [`http://:${SECRET}@localhost:6379`, /unknown scheme/],
    [`postgres://user:${SECRET}@localhost/1`, /unknown scheme/],
    [`redis+tls://:${SECRET}@localhost`, /unknown scheme/],
    [`unix://${SECRET}`, /unknown scheme/],
    [`redis://:${SECRET}@localhost:port`, /port/],
    [`redis://:${SECRET}@localhost:65536`, /port/],
    [`redis://:${SECRET}@localhost:-1`, /port/],
    [`redis://:${SECRET}/${SECRET}@localhost`, /@ behind its host/],
    [`redis://:1?${SECRET}@localhost`, /@ behind its host/],
    [`redis://:1#${SECRET}@localhost`, /@ behind its host/],
    [`redis://:${SECRET}%zz@localhost`, /percent-encoded/],
    [`redis://:${SECRET}%ff@localhost`, /percent-encoded/],
    [`redis://:${SECRET}%@localhost`, /percent-encoded/],
    [`redis://:${SECRET} @localhost`, /blank/],
    [`redis://:${SECRET}\u0000@localhost`, /blank or a control/],
    [`redis://:${SECRET}@[::1`, /host/],
    [`redis://:${SECRET}@local[host]`, /host/],
    [`redis://:${SECRET}@localhost/sessions`, /path/],
    [`redis://:${SECRET}@localhost/1/2`, /path/],
  ])('is refused without being repeated: %#', (url, why) => {
    const error = refusalOf(url);
    expect(error).toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(why) as string,
    });
    expect(error.message).not.toContain(SECRET);
    expect(error.cause).toBeUndefined();
  });
});

function refusalOf(url: string): Error {
  try {
    assertRedisUrl(url);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was accepted.');
}
