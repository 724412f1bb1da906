import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and Redis, as far away as is said. */
export class DelayingProxy {
  readonly #open = new Set<Socket>();
  /** Of each direction. */
  delayMs = 0;
  /** What clients have sent. */
  commands = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(redisUrl: string): Promise<DelayingProxy> {
    const { hostname, port } = new URL(redisUrl);
    const server = createServer((client) => proxy.#join(client, connect(Number(port), hostname)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const own = (server.address() as AddressInfo).port;
    const proxy: DelayingProxy = new DelayingProxy(server, `redis://127.0.0.1:${own}`);
    return proxy;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.server.close();
  }

  #join(client: Socket, redis: Socket): void {
    const cut = () => [client, redis].forEach((socket) => socket.destroy());
    for (const socket of [client, redis]) {
      this.#open.add(socket.setNoDelay(true));
      socket.on('error', cut).on('close', cut);
    }
    client.on('data', (bytes) => {
      this.commands += commandsIn(bytes);
      this.#pass(bytes, redis);
    });
    redis.on('data', (bytes) => this.#pass(bytes, client));
  }

  /** Timers of one length end in the order in which they began, so bytes stay in theirs. */
  #pass(bytes: Buffer, to: Socket): void {
    if (this.delayMs === 0) to.write(bytes);
    else setTimeout(() => to.write(bytes), this.delayMs);
  }
}

/** Each begins with the number of its parts; what sessions hold here has no line ends. */
function commandsIn(bytes: Buffer): number {
  return bytes.toString('latin1').match(/\*\d+\r\n\$/g)?.length ?? 0;
}
