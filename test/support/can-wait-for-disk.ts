import type { Redis } from 'ioredis';

/** Whether a server has `WAITAOF` and waits for its disk: spelled apart from the library, to check it. */
export async function canWaitForDisk(client: Redis): Promise<boolean> {
  const info = await client.info('server');
  const [, version = ''] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > 7 || (major === 7 && minor >= 2);
  const isTooEarly = /^redis_version:7\.4\.[012]\r/m.test(info) || /^valkey_version:/m.test(info);
  return isNew && !isTooEarly;
}
