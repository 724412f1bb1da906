import { hostname } from 'node:os';
import { getContainerRuntimeClient, getReaper, ImageName } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';
import type { Say } from '../ways/way.js';

/** Makes sure that an engine answers and has the image; rejects within milliseconds where there is no engine. */
export async function ensureImage(name: string, say: Say): Promise<void> {
  const client = await getContainerRuntimeClient();
  await refuseElsewhere(client);
  const image = ImageName.fromString(name);
  if (!(await client.image.exists(image))) {
    say(`Pulling the image ${name} ...`);
    await client.image.pull(image).catch(explain(`the image ${name} cannot be pulled`));
  }
  await getReaper(client).catch(
    explain(
      'the container that clears up after testcontainers does not start (TESTCONTAINERS_RYUK_DISABLED=true does without)',
    ),
  );
}

/** The port is published on loopback and the data folder is mounted: both take an engine on this machine. */
async function refuseElsewhere(client: ContainerRuntimeClient): Promise<void> {
  const { host } = client.info.containerRuntime;
  if (host === 'localhost') return;
  // Inside a container testcontainers names the gateway, even of an engine that runs in there too.
  const { Name } = (await client.container.dockerode.info()) as { Name?: string };
  if (Name !== hostname()) {
    throw new Error(`the engine is on ${host}, which cannot reach the folders of this machine`);
  }
}

function explain(what: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${what}: ${error.message}`, { cause: error });
  };
}
