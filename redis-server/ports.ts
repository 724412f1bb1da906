import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that Linux (from 32768) and macOS (from 49152) lend to outgoing connections: a client that keeps
// knocking while its server is down could otherwise be given the server's own port.
const lowest = 20_000;
const highest = 32_000;

/** The server found its port taken between our look and its own. */
export class PortTakenError extends Error {
  constructor(port: number) {
    super(`Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another port.`);
    this.name = 'PortTakenError';
  }
}

export async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

export async function freePort(): Promise<number> {
  const port = randomInt(lowest, highest);
  return (await isFree(port)) ? port : freePort();
}
