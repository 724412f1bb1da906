import type { IncomingMessage } from 'node:http';
import type { AbstractGraphQLDriver } from '@nestjs/graphql';
import type { SessionRepository } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';
import type { SessionSettings } from '../session.settings.js';
import type { Handshakes } from '../sockets/handshakes.js';
import type { SessionWatch } from '../sockets/session-watch.js';
import { closeClients, type SocketClient } from '../sockets/socket-client.js';
import { SocketSessions } from './socket-sessions.js';

/** What ws calls a socket that neither side has begun to close. */
const OPEN = 1;

/** What graphql-ws knows of a socket. */
interface Connecting {
  readonly extra: { readonly socket: SocketClient; readonly request: IncomingMessage };
}
type OnConnect = (connecting: Connecting) => unknown;
/** What Mercurius makes of a socket, with a request of Fastify. */
type ContextOfSocket = (
  socket: SocketClient,
  request: { readonly raw: IncomingMessage },
) => Promise<object>;

/** What tells servers for GraphQL of their sockets: Apollo and Mercurius know one each. */
interface ServerOptions {
  readonly subscriptions?: { readonly 'graphql-ws'?: boolean | { readonly onConnect?: OnConnect } };
  readonly subscription?: boolean | { readonly context?: ContextOfSocket };
}

/** Stands between the servers for GraphQL and their sockets: at the message that begins a connection. */
export class SubscriptionServers {
  static readonly #watchedBy = new WeakMap<AbstractGraphQLDriver, SubscriptionServers>();

  constructor(
    private readonly handshakes: Handshakes,
    private readonly watch: SessionWatch,
    private readonly repository: SessionRepository,
    private readonly settings: SessionSettings,
  ) {}

  /**
   * Before it starts. In place: Nest has the driver already.
   *
   * @throws {SessionError} `SESSION_CONFIG` where another module has it: one of them would have its options ignored.
   */
  add(driver: AbstractGraphQLDriver): void {
    const watchedBy = SubscriptionServers.#watchedBy.get(driver);
    if (watchedBy === this) return;
    if (watchedBy) throw importedTwice();
    SubscriptionServers.#watchedBy.set(driver, this);
    const { start } = driver;
    driver.start = (options: object) => {
      const watching = { ...this.#watchingApollo(options), ...this.#watchingMercurius(options) };
      return start.call(driver, { ...options, ...watching });
    };
  }

  #watchingApollo({ subscriptions }: ServerOptions): object | undefined {
    const given = subscriptions?.['graphql-ws'];
    if (!given) return undefined;
    const own = given === true ? {} : given;
    const watched = { ...own, onConnect: this.#onConnect(own.onConnect) };
    return { subscriptions: { ...subscriptions, 'graphql-ws': watched } };
  }

  #watchingMercurius({ subscription: given }: ServerOptions): object | undefined {
    if (!given) return undefined;
    const own = given === true ? {} : given;
    return { subscription: { ...own, context: this.#contextOf(own.context) } };
  }

  #onConnect(own?: OnConnect): OnConnect {
    return async (connecting) => {
      const { socket, request } = connecting.extra;
      return (await this.#admits(socket, request)) ? own?.(connecting) : false;
    };
  }

  #contextOf(own?: ContextOfSocket): ContextOfSocket {
    return async (socket, request) => {
      // Nothing that a refused socket says is heard any more: it is closed, and Mercurius waits until then.
      if (!(await this.#admits(socket, request.raw))) await new Promise(() => undefined);
      return own?.(socket, request) ?? {};
    };
  }

  async #admits(socket: SocketClient, request: IncomingMessage): Promise<boolean> {
    // Mercurius lets a connection begin more than once.
    if (SocketSessions.of(request)) return true;
    const refusal = await this.handshakes.judge(request);
    if (refusal) closeClients([{ client: socket, ...refusal }]);
    const connection = this.handshakes.acceptedOf(request);
    if (!connection || socket.readyState !== OPEN) return false;
    this.watch.begin(socket, connection);
    new SocketSessions(connection, this.repository, this.settings).begin();
    return true;
  }
}

function importedTwice(): SessionError {
  return new SessionError(
    'SESSION_CONFIG',
    'SessionGraphQLModule is imported more than once, by its name and with forRoot(), and whose options hold nobody could say. Import it once, in your root module.',
  );
}
