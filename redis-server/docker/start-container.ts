import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import type { StartedTestContainer } from 'testcontainers';
import { serverArguments } from '../arguments.js';
import { PortTakenError } from '../ports.js';
import { configFile } from '../project.js';
import type { Lodging } from '../ways/way.js';

const insidePort = 6379;
const insideFolder = '/data';
const insideConfig = '/usr/local/etc/redis.conf';

/** Testcontainers publishes on all addresses of the machine; a server without a password belongs on loopback. */
class LoopbackContainer extends GenericContainer {
  private id: string | undefined;

  publish(port: number): this {
    this.withExposedPorts(insidePort);
    this.hostConfig.PortBindings = {
      [`${insidePort}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: `${port}` }],
    };
    return this;
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.id = id;
  }

  /** A container that did not come up is left behind by testcontainers. */
  async discard(): Promise<void> {
    if (this.id === undefined) return;
    const { container: client } = await getContainerRuntimeClient();
    await client.getById(this.id).remove({ v: true, force: true });
  }
}

/** A container of the image with redis.conf, and the data folder mounted. */
export async function startContainer(
  image: string,
  lodging: Lodging,
): Promise<StartedTestContainer> {
  if (lodging.sentinel !== undefined) throw new Error('a container cannot be a Sentinel here');
  const decided = {
    port: `${insidePort}`,
    // Open inside the container alone: what leads into it is published on loopback.
    bind: '*',
    'protected-mode': 'no',
    dir: insideFolder,
  };
  const container = new LoopbackContainer(image)
    .publish(lodging.port)
    .withBindMounts([{ source: lodging.dataFolder, target: insideFolder, mode: 'z' }])
    .withCopyFilesToContainer([{ source: configFile, target: insideConfig, mode: 0o644 }])
    // By its plain name, so that the image's entrypoint adds its modules.
    .withCommand(['redis-server', ...serverArguments(insideConfig, decided, lodging)])
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'));
  // The files shall belong to who starts the project, not to a user of the image.
  if (process.getuid) container.withUser(`${process.getuid()}:${process.getgid?.() ?? 0}`);
  try {
    return await container.start();
  } catch (error) {
    await container.discard();
    if (/address already in use|already allocated/i.test(String(error))) {
      throw new PortTakenError(lodging.port);
    }
    throw error;
  }
}
