import { readSettings, SettingsError } from './settings.js';

const REDIS_URL = 'redis://127.0.0.1:6379';

describe('readSettings', () => {
  it('needs no more than the address of Redis', () => {
    expect(readSettings({ REDIS_URL })).toEqual({
      port: 3000,
      host: '127.0.0.1',
      platform: 'express',
      instanceName: 'express-3000',
      redisUrl: REDIS_URL,
      dataFolder: '.redis/data',
      timeouts: {},
    });
  });

  it('reads everything that may be set', () => {
    const env = {
      REDIS_URL: 'rediss://redis.example:6380',
      PORT: '8080',
      HOST: '0.0.0.0',
      HTTP_PLATFORM: 'fastify',
      INSTANCE_NAME: 'left',
      SHOP_DATA_FOLDER: '/var/lib/shop',
      SESSION_IDLE_SECONDS: '60',
      SESSION_ABSOLUTE_SECONDS: '3600',
      SESSION_LIMIT_PER_USER: '5',
      TRUST_PROXY: 'loopback, 10.1.0.7,10.2.0.0/16, fd00::/8',
    };
    expect(readSettings(env)).toEqual({
      port: 8080,
      host: '0.0.0.0',
      platform: 'fastify',
      instanceName: 'left',
      redisUrl: 'rediss://redis.example:6380',
      dataFolder: '/var/lib/shop',
      timeouts: { idleTimeoutSeconds: 60, absoluteTimeoutSeconds: 3600 },
      sessionLimit: 5,
      trustProxy: ['loopback', '10.1.0.7', '10.2.0.0/16', 'fd00::/8'],
    });
  });

  it('names an instance whose port is known only later after its process', () => {
    expect(readSettings({ REDIS_URL, PORT: '0' }).instanceName).toBe(`express-${process.pid}`);
  });

  it.each([
    ['PORT', 'abc'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['HTTP_PLATFORM', 'koa'],
    ['SESSION_IDLE_SECONDS', '0'],
    ['SESSION_IDLE_SECONDS', '30m'],
    ['SESSION_ABSOLUTE_SECONDS', '-5'],
    ['SESSION_LIMIT_PER_USER', '0'],
    ['SESSION_LIMIT_PER_USER', '1001'],
    ['SESSION_LIMIT_PER_USER', '2.5'],
    ['SESSION_LIMIT_PER_USER', 'many'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '1'],
    ['TRUST_PROXY', 'loopback,'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '10.0.0.0/8/9'],
    ['REDIS_URL', ''],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'http://localhost'],
  ])('names the variable when %s is "%s"', (name, value) => {
    const read = () => readSettings({ REDIS_URL, [name]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(name);
  });

  it('refuses an idle timeout beyond the absolute one', () => {
    const env = { REDIS_URL, SESSION_IDLE_SECONDS: '61', SESSION_ABSOLUTE_SECONDS: '60' };
    expect(() => readSettings(env)).toThrow(
      'SESSION_IDLE_SECONDS must not be above SESSION_ABSOLUTE_SECONDS.',
    );
  });

  it('does not repeat the address of Redis, which may hold a password', () => {
    expect(() => readSettings({ REDIS_URL: 'http://:secret@localhost' })).not.toThrow('secret');
  });
});
