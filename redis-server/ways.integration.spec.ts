import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { launchRedis } from './launch.js';
import type { RedisServer } from './launch.js';
import { withPath, writeProgram } from './testing/programs.js';
import { docker } from './ways/docker.js';
import { local } from './ways/local.js';
import { plain } from './ways/plain.js';
import type { WayToRedis } from './ways/way.js';
import { wheel, wheelFolder } from './ways/wheel.js';

/** Names of ways that must not be skipped, e.g. "docker,wheel,plain". */
const required = (process.env['REDIS_WAYS_REQUIRED'] ?? '').split(',');
delete process.env['REDIS_URL'];
delete process.env['REDIS_ENGINE'];

const scratch = await mkdtemp(join(tmpdir(), 'redis-ways-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Redis Stack laid out as its packages do, with the wheel's engine in it. */
const installedStack: WayToRedis = {
  name: 'local',
  async prepare(say) {
    await wheel.prepare(say);
    const bin = join(scratch, 'stack/bin');
    await writeProgram(join(bin, 'redis-stack-server'), 'exit 1');
    await writeProgram(
      join(bin, 'redis-server'),
      `LD_LIBRARY_PATH='${wheelFolder}' exec '${wheelFolder}/redis-server' "$@"`,
    );
    await mkdir(join(scratch, 'stack/lib'));
    await symlink(join(wheelFolder, 'redisearch.so'), join(scratch, 'stack/lib/redisearch.so'));
    return withPath(bin, () => local.prepare(say));
  },
};

for (const { way, hasSearch } of [
  { way: docker, hasSearch: undefined },
  { way: installedStack, hasSearch: true },
  { way: wheel, hasSearch: true },
  { way: plain, hasSearch: false },
]) {
  const engine = await way.prepare(() => {}).catch((error: Error) => error);
  const isThere = !(engine instanceof Error);

  if (!isThere && required.includes(way.name)) {
    it(`has the way ${way.name}, which REDIS_WAYS_REQUIRED names`, () => {
      expect(engine.message).toBe('nothing is missing');
    });
  }

  const describeWay = isThere ? describe : describe.skip;
  describeWay(isThere ? `way ${way.name}` : `way ${way.name}: skipped, ${engine.message}`, () => {
    const prepared: WayToRedis = { name: way.name, prepare: async () => engine as never };
    let server: RedisServer;
    let client: Redis;

    beforeAll(async () => {
      const dataFolder = join(scratch, `data of ${way.name}`);
      server = await launchRedis({ dataFolder, settings: { 'slowlog-max-len': '7' } }, [prepared]);
      client = new Redis(server.url, { retryStrategy: () => 10, maxRetriesPerRequest: null });
      // Being without its server now and then is what these tests are about.
      client.on('error', () => {});
    });

    afterAll(async () => {
      client?.disconnect();
      await server?.stop();
    });

    it('starts a server that answers and says what it is', async () => {
      await expect(client.ping()).resolves.toBe('PONG');
      expect(server.way).toBe(way.name);
      expect(server.description).toMatch(/^(Redis|Valkey) \d+\.\d+\.\d+ with(out)? Search \(/);
      expect(server.description).toContain(`${way.name}:`);
      // What an image brings is up to its maker.
      expect(server.hasSearch).toBe(hasSearch ?? server.hasSearch);
    });

    it('knows whether the server can search', async () => {
      const created = client.call('FT.CREATE', 'sample', 'SCHEMA', 'tenant', 'TAG');
      await expect(created.then(() => true).catch(() => false)).resolves.toBe(server.hasSearch);
    });

    it('takes its settings from redis.conf, and the caller’s above them', async () => {
      await expect(client.config('GET', 'maxmemory-policy')).resolves.toContain('noeviction');
      await expect(client.config('GET', 'hash-max-listpack-value')).resolves.toContain('512');
      await expect(client.config('GET', 'appendonly')).resolves.toContain('yes');
      await expect(client.config('GET', 'slowlog-max-len')).resolves.toContain('7');
    });

    it('keeps what was written when it is stopped and started', async () => {
      await client.set('stopped', 'kept');
      await server.stop();
      await server.start();
      await expect(client.get('stopped')).resolves.toBe('kept');
    });

    it('keeps what was written when it crashes', async () => {
      await client.set('crashed', 'kept');
      await server.crash();
      await server.start();
      await expect(client.get('crashed')).resolves.toBe('kept');
    });

    it('answers nothing while it is frozen, and goes on when it thaws', async () => {
      const impatient = client.duplicate({ commandTimeout: 200 });
      impatient.on('error', () => {});
      await impatient.ping();
      await server.freeze();
      await expect(impatient.ping()).rejects.toThrow('timed out');
      await server.thaw();
      await expect(client.ping()).resolves.toBe('PONG');
      impatient.disconnect();
    });

    it('can be stopped while it is frozen, and twice', async () => {
      await server.freeze();
      await server.stop();
      await server.stop();
      await expect(server.freeze()).rejects.toThrow('start() it first');
      await server.start();
      await expect(client.ping()).resolves.toBe('PONG');
    });
  });
}
