import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Stands between a client and Redis, and can cut the connection when an answer comes: the command was carried out. */
export class CuttingProxy {
  readonly #open = new Set<Socket>();
  #cutsNextAnswer = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(redisUrl: string): Promise<CuttingProxy> {
    const { hostname, port } = new URL(redisUrl);
    const server = createServer((client) => proxy.#join(client, connect(Number(port), hostname)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const own = (server.address() as AddressInfo).port;
    const proxy: CuttingProxy = new CuttingProxy(server, `redis://127.0.0.1:${own}`);
    return proxy;
  }

  cutNextAnswer(): void {
    this.#cutsNextAnswer = true;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.server.close();
  }

  #join(client: Socket, redis: Socket): void {
    const cut = () => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      this.#open.add(socket);
      socket.on('error', cut).on('close', cut);
    }
    client.on('data', (bytes) => redis.write(bytes));
    redis.on('data', (bytes) => {
      if (!this.#cutsNextAnswer) return void client.write(bytes);
      this.#cutsNextAnswer = false;
      cut();
    });
  }
}
