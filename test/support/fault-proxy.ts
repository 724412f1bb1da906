import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { type Pace, PacedWriter } from './paced-writer.js';

/** What becomes of bytes on their way: what is passed on, if anything, and whether the connection is cut then. */
type Tamper = (bytes: Buffer) => { readonly told?: Buffer; readonly isCut?: boolean };

const CUT: Tamper = () => ({ isCut: true });

/** Stands between a client and Redis, and does to a command, to an answer or to the way there what a bad network does. */
export class FaultProxy {
  readonly #open = new Set<Socket>();
  #tamperWithAnswer: Tamper | undefined;
  #tamperWithCommand: Tamper | undefined;
  #pace: Pace = {};
  #refuses = false;
  #swallows = false;
  readonly #mute = new WeakSet<Socket>();
  #faultyClosed: Promise<unknown> = Promise.resolve();
  /** Connections that clients have asked for, those that were refused included. */
  connections = 0;
  /** Pieces of what clients have sent: a command is one, or shares one with others. */
  sent = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(redisUrl: string): Promise<FaultProxy> {
    const { hostname, port } = new URL(redisUrl);
    const server = createServer((client) => proxy.#accept(client, Number(port), hostname));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const own = (server.address() as AddressInfo).port;
    const proxy: FaultProxy = new FaultProxy(server, `redis://127.0.0.1:${own}`);
    return proxy;
  }

  /** The connection is cut when the next answer comes: its command was carried out. */
  cutNextAnswer(): void {
    this.#tamperWithAnswer = CUT;
  }

  /** From the next answer on each command gets the answer of the one before. */
  repeatNextAnswer(): void {
    this.#tamperWithAnswer = (bytes) => ({ told: Buffer.concat([bytes, bytes]) });
  }

  /** The next answer never comes, so that each command gets the answer of the one behind it. */
  dropNextAnswer(): void {
    this.#tamperWithAnswer = () => ({});
  }

  /** An answer to nobody comes before the next one. */
  injectBeforeNextAnswer(answer: string): void {
    this.#tamperWithAnswer = (bytes) => ({ told: Buffer.concat([Buffer.from(answer), bytes]) });
  }

  /** The next answer ends after so many bytes, and the connection with it. */
  truncateNextAnswer(length: number): void {
    this.#tamperWithAnswer = (bytes) => ({ told: bytes.subarray(0, length), isCut: true });
  }

  /** The connection is cut when the next command comes: Redis never gets it. */
  cutNextCommand(): void {
    this.#tamperWithCommand = CUT;
  }

  /** From now on answers take so much longer, or come byte by byte. */
  slowDown(pace: Pace): void {
    this.#pace = pace;
  }

  /** From now on each connection is reset, those that are there as well. */
  refuseConnections(): void {
    this.#refuses = true;
    for (const socket of this.#open) socket.destroy();
  }

  /** From now on each connection is taken, and never answered; nor are those that are there, also when all is well again. */
  swallowConnections(): void {
    this.swallowNewConnections();
    for (const socket of this.#open) this.#mute.add(socket);
  }

  /** From now on each further connection is taken, and never answered. */
  swallowNewConnections(): void {
    this.#swallows = true;
  }

  /** Ends every fault, also one that nothing has met yet: the next could be part of the handshake. */
  behave(): void {
    this.#tamperWithAnswer = undefined;
    this.#tamperWithCommand = undefined;
    this.#pace = {};
    this.#refuses = false;
    this.#swallows = false;
  }

  /** Whether a fault still waits for the next answer or command. */
  get isArmed(): boolean {
    return (this.#tamperWithAnswer ?? this.#tamperWithCommand) !== undefined;
  }

  /** Until the connection is closed that met a fault last. */
  get faultyClosed(): Promise<unknown> {
    return this.#faultyClosed;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.server.close();
  }

  #accept(client: Socket, port: number, host: string): void {
    this.connections++;
    client.on('error', () => client.destroy());
    if (this.#refuses) client.resetAndDestroy();
    else if (this.#swallows) this.#swallow(client);
    else this.#join(client, connect(port, host));
  }

  #swallow(client: Socket): void {
    this.#open.add(client.resume());
    client.once('close', () => this.#open.delete(client));
  }

  #join(client: Socket, redis: Socket): void {
    const cut = () => {
      // What was passed on arrives; nothing comes behind it.
      client.destroySoon();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      this.#open.add(socket.setNoDelay(true));
      socket.on('error', cut).on('close', cut);
      socket.once('close', () => this.#open.delete(socket));
    }
    const answers = new PacedWriter(client, () => this.#pace);
    client.on('data', (bytes) => {
      this.sent++;
      if (this.#mute.has(client)) return;
      const { told, isCut } = this.#meet(this.#tamperWithCommand, bytes, client);
      if (told) redis.write(told);
      if (isCut) cut();
    });
    redis.on('data', (bytes) => {
      if (this.#mute.has(client)) return;
      const { told, isCut } = this.#meet(this.#tamperWithAnswer, bytes, client);
      if (told) answers.write(told);
      if (isCut) cut();
    });
  }

  #meet(tamper: Tamper | undefined, bytes: Buffer, client: Socket): ReturnType<Tamper> {
    if (!tamper) return { told: bytes };
    this.#tamperWithAnswer = undefined;
    this.#tamperWithCommand = undefined;
    this.#faultyClosed = new Promise((resolve) => void client.once('close', resolve));
    return tamper(bytes);
  }
}
