import { getContainerRuntimeClient } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';
import { untilReady } from '../ready.js';
import type { Controls, Lodging } from '../ways/way.js';
import { startContainer } from './start-container.js';

type Container = ReturnType<ContainerRuntimeClient['container']['getById']>;

// As for a process: Redis writes its snapshot, and past this time it hangs.
const stopWithinSeconds = 10;

/** Runs the image with its port on loopback and the data folder mounted; stop() removes the container. */
export async function runContainer(image: string, lodging: Lodging): Promise<Controls> {
  const url = `redis://127.0.0.1:${lodging.port}`;
  const { container: client } = await getContainerRuntimeClient();
  let container: Container | undefined;

  const running = (): Container => {
    if (container === undefined) {
      throw new Error(`The Redis at ${url} is not running: start() it first.`);
    }
    return container;
  };
  const start = async (): Promise<void> => {
    if (container === undefined) {
      container = client.getById((await startContainer(image, lodging)).getId());
    } else if (!(await container.inspect()).State.Running) {
      await container.start();
    }
    await untilReady(url, new Promise(() => {}));
  };
  const stop = async (): Promise<void> => {
    const stopping = container;
    container = undefined;
    if (stopping === undefined) return;
    const { Running, Paused } = (await stopping.inspect()).State;
    if (Paused) await stopping.unpause();
    if (Running) await stopping.stop({ t: stopWithinSeconds });
    await stopping.remove({ v: true, force: true });
  };
  const crash = async (): Promise<void> => {
    const { Running } = (await running().inspect()).State;
    if (!Running) return;
    await running().kill({ signal: 'SIGKILL' });
    await running().wait();
  };

  await start();
  return {
    url,
    start,
    stop,
    crash,
    freeze: async () => running().pause(),
    thaw: async () => running().unpause(),
  };
}
