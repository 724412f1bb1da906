import { Inject, Injectable, Logger } from '@nestjs/common';
import type { WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import { isObservable } from 'rxjs';
import { asError } from '../core/as-error.js';
import { SessionRepository } from '../core/session-repository.js';
import { SessionSettings } from '../session.settings.js';
import { Handshakes } from '../sockets/handshakes.js';
import { MessageSession } from '../sockets/message-session.js';
import { SessionWatch } from '../sockets/session-watch.js';
import { type SocketClient, tellException } from '../sockets/socket-client.js';
import type { SocketConnection } from '../sockets/socket-connection.js';
import { SocketRegistry } from '../sockets/socket-registry.js';
import { ConnectionRecovery } from './connection-recovery.js';
import { type HandshakeOptions, handshakeOptions } from './handshake-options.js';

/** Of a socket that did not come through a handshake that was judged. */
const UNKNOWN = 'SESSION_STATE';

/** Stands between Nest and its adapter for sockets, whichever that is: at the handshake, at the connection and at each message. */
@Injectable()
export class AdapterWatch {
  readonly #logger = new Logger('SessionWebSockets');
  readonly #watched = new WeakSet<WebSocketAdapter>();
  readonly #refused = new WeakSet<SocketClient>();

  constructor(
    @Inject(Handshakes) private readonly handshakes: Handshakes,
    @Inject(SocketRegistry) private readonly registry: SocketRegistry,
    @Inject(SessionWatch) private readonly sessions: SessionWatch,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
    @Inject(ConnectionRecovery) private readonly recovery: ConnectionRecovery,
  ) {}

  /** In place: an adapter may have private fields, which no other object could stand in for. */
  watch(adapter: WebSocketAdapter): void {
    if (this.#watched.has(adapter)) return;
    this.#watched.add(adapter);
    const { create, bindClientConnect, bindMessageHandlers } = adapter;
    adapter.create = (port: number, options: HandshakeOptions = {}) => {
      const own = handshakeOptions(options, this.handshakes);
      const server = create.call(adapter, port, { ...options, ...own }) as object;
      this.recovery.watch(server);
      return server;
    };
    adapter.bindClientConnect = (server: unknown, connected: (...args: unknown[]) => void) =>
      bindClientConnect.call(adapter, server, (client: SocketClient, ...rest: unknown[]) => {
        if (this.#admits(client, rest[0])) connected(client, ...rest);
      }) as unknown;
    adapter.bindMessageHandlers = (client: SocketClient, handlers, transform) => {
      const withSession = handlers.map((handler) => this.#withSession(client, handler));
      return bindMessageHandlers.call(adapter, client, withSession, transform) as unknown;
    };
  }

  /** Asked once for each gateway of a server. */
  #admits(client: SocketClient, request: unknown): boolean {
    if (this.registry.connectionOf(client)) return true;
    if (this.#refused.has(client)) return false;
    const connection = this.handshakes.acceptedOf(
      client.request ?? (request as SocketConnection['request'] | undefined),
    );
    if (connection) {
      this.sessions.begin(client, connection);
      return true;
    }
    this.#refused.add(client);
    this.#logger.error(
      'A socket was closed at once, since nobody had judged its handshake. An adapter of your own has to pass the options on that it is given: allowRequest for socket.io, verifyClient for ws.',
    );
    this.sessions.refuse(client, UNKNOWN);
    return false;
  }

  #withSession(client: SocketClient, handler: WsMessageHandler): WsMessageHandler {
    const connection = this.registry.connectionOf(client)!;
    const callback = handler.callback as (...args: unknown[]) => Promise<unknown>;
    const withSession = async (...args: unknown[]) => {
      const session = new MessageSession(connection, this.repository, this.settings);
      const failed = (error: unknown) => this.#notAcknowledged(client, handler.message, error);
      const held = (arg: unknown) =>
        typeof arg === 'function' ? session.settlingFirst(arg as () => void, failed) : arg;
      const answer = await callback(...args.map(held), session);
      // A guard refused, and the peer knows; what it may have changed is saved as in HTTP.
      if (!isObservable(answer)) await session.settle().catch(() => undefined);
      return answer;
    };
    return { ...handler, callback: withSession };
  }

  /** Such as one that cannot be turned into JSON. */
  #notAcknowledged(client: SocketClient, message: unknown, thrown: unknown): void {
    const error = asError(thrown);
    this.#logger.error(
      `A message ${JSON.stringify(message)} could not be acknowledged: ${String(error)}`,
      error.stack,
    );
    try {
      tellException(client);
    } catch {
      // The socket has failed meanwhile, or a listener of the application throws.
    }
  }
}
