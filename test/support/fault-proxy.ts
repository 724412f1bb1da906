import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What is done to the bytes of an answer; `undefined` cuts the connection. */
type Tamper = (bytes: Buffer) => Buffer | undefined;

/** Stands between a client and Redis, and tampers with an answer: its command was carried out. */
export class FaultProxy {
  readonly #open = new Set<Socket>();
  #tamper: Tamper | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(redisUrl: string): Promise<FaultProxy> {
    const { hostname, port } = new URL(redisUrl);
    const server = createServer((client) => proxy.#join(client, connect(Number(port), hostname)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const own = (server.address() as AddressInfo).port;
    const proxy: FaultProxy = new FaultProxy(server, `redis://127.0.0.1:${own}`);
    return proxy;
  }

  /** The connection is cut when the next answer comes. */
  cutNextAnswer(): void {
    this.#tamper = () => undefined;
  }

  /** From the next answer on each command gets the answer of the one before. */
  repeatNextAnswer(): void {
    this.#tamper = (bytes) => Buffer.concat([bytes, bytes]);
  }

  /** The next answer never comes, so that each command gets the answer of the one behind it. */
  dropNextAnswer(): void {
    this.#tamper = () => Buffer.alloc(0);
  }

  /** An answer to nobody comes before the next one. */
  injectBeforeNextAnswer(answer: string): void {
    this.#tamper = (bytes) => Buffer.concat([Buffer.from(answer), bytes]);
  }

  /** Forgets a fault that no answer has met yet: the next could be one of the handshake. */
  behave(): void {
    this.#tamper = undefined;
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
      const tamper = this.#tamper;
      this.#tamper = undefined;
      const told = tamper ? tamper(bytes) : bytes;
      if (told) client.write(told);
      else cut();
    });
  }
}
