import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a service was sent. */
export interface Received {
  readonly method: string;
  readonly url: string;
  /** As they came: names and values in turns. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** A service without Nest, which answers what it was sent. */
export class EchoService {
  #received = 0;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(): Promise<EchoService> {
    const server = createServer((request, response) => {
      service.#received++;
      const { method, url, rawHeaders } = request;
      void text(request).then((body) =>
        response.end(JSON.stringify({ method, url, rawHeaders, body })),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const service = new EchoService(server, `http://127.0.0.1:${port}`);
    return service;
  }

  /** How many requests have come so far. */
  get received(): number {
    return this.#received;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
