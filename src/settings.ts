import { isIPv4, isIPv6 } from 'node:net';

export type Platform = 'express' | 'fastify';

/** Everything the environment decides. A class, because Nest injects by something that exists at run time. */
export abstract class Settings {
  abstract readonly port: number;
  abstract readonly host: string;
  abstract readonly platform: Platform;
  abstract readonly instanceName: string;
  abstract readonly redisUrl: string;
  /** Where the Redis of `npm start` keeps its data; a relative path begins at the folder of the project. */
  abstract readonly dataFolder: string;
  abstract readonly timeouts: {
    readonly idleTimeoutSeconds?: number;
    readonly absoluteTimeoutSeconds?: number;
  };
  /** How many devices a user may be signed in on; one more signs out the oldest. Any number where it is not set. */
  abstract readonly sessionLimit: number | undefined;
  /** Proxies that are believed when they name the address of a client; none where it is not set. */
  abstract readonly trustProxy: string[] | undefined;
}

export class SettingsError extends Error {
  override name = 'SettingsError';
}

type Environment = Record<string, string | undefined>;

export function readSettings(env: Environment): Settings {
  const port = readPort(env);
  const platform = readPlatform(env);
  return {
    port,
    platform,
    host: env['HOST'] || '127.0.0.1',
    // Port 0 becomes a real one only after listening, so the process stands in for it.
    instanceName: env['INSTANCE_NAME'] || `${platform}-${port || process.pid}`,
    redisUrl: readRedisUrl(env),
    dataFolder: env['SHOP_DATA_FOLDER'] || '.redis/data',
    timeouts: readTimeouts(env),
    sessionLimit: readSessionLimit(env),
    trustProxy: readTrustProxy(env),
  };
}

function readPort(env: Environment): number {
  const text = env['PORT'] || '3000';
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new SettingsError(`PORT must be a whole number from 0 to 65535, but is "${text}".`);
}

function readPlatform(env: Environment): Platform {
  const text = env['HTTP_PLATFORM'] || 'express';
  if (text === 'express' || text === 'fastify') return text;
  throw new SettingsError(`HTTP_PLATFORM must be "express" or "fastify", but is "${text}".`);
}

function readTimeouts(env: Environment): Settings['timeouts'] {
  const idle = readSeconds(env, 'SESSION_IDLE_SECONDS');
  const absolute = readSeconds(env, 'SESSION_ABSOLUTE_SECONDS');
  if (idle && absolute && idle > absolute) {
    throw new SettingsError('SESSION_IDLE_SECONDS must not be above SESSION_ABSOLUTE_SECONDS.');
  }
  return {
    ...(idle && { idleTimeoutSeconds: idle }),
    ...(absolute && { absoluteTimeoutSeconds: absolute }),
  };
}

function readSeconds(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new SettingsError(`${name} must be a whole number of seconds above 0, but is "${text}".`);
}

function readSessionLimit(env: Environment): number | undefined {
  const text = env['SESSION_LIMIT_PER_USER'];
  if (!text) return undefined;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit > 0 && limit <= 1000) return limit;
  throw new SettingsError(
    `SESSION_LIMIT_PER_USER must be a whole number from 1 to 1000, but is "${text}".`,
  );
}

function readTrustProxy(env: Environment): string[] | undefined {
  const text = env['TRUST_PROXY'];
  if (!text) return undefined;
  const networks = text.split(',').map((network) => network.trim());
  if (networks.every(isNetwork)) return networks;
  throw new SettingsError(
    'TRUST_PROXY must name addresses or networks, as in "10.1.0.7, 10.2.0.0/16", or loopback, ' +
      `linklocal or uniquelocal, but is "${text}".`,
  );
}

function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [, address = '', bits] = /^([^/]+)(?:\/(\d+))?$/.exec(text) ?? [];
  const longest = isIPv4(address) ? 32 : 128;
  if (longest === 128 && !isIPv6(address)) return false;
  return bits === undefined || (Number(bits) > 0 && Number(bits) <= longest);
}

/** Never repeats the value in a message: a Redis address may carry a password. */
function readRedisUrl(env: Environment): string {
  const text = env['REDIS_URL'];
  if (!text) {
    throw new SettingsError(
      'REDIS_URL is not set. Example: REDIS_URL=redis://127.0.0.1:6379. ' +
        '"npm start" brings a Redis of its own.',
    );
  }
  if (URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)) return text;
  throw new SettingsError('REDIS_URL must be an address like redis://host:6379 or rediss://…');
}
