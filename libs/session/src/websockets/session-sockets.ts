import { Inject, Injectable } from '@nestjs/common';
import type { SessionId } from '../core/token.js';
import { SocketRegistry } from '../sockets/socket-registry.js';

/** Whose socket it is. */
export interface SocketSession {
  /** The public id of the session, as it is now. */
  readonly sessionId: SessionId;
  /** Who is signed in; `undefined` for a guest. It stays the same for as long as the socket is open. */
  readonly userId: string | undefined;
}

/**
 * The open sockets of this instance, by session and by user: to push what changed to every tab of a user. Other instances have
 * others; tell them by [events](https://docs.nestjs.com/techniques/events), by Redis, or with socket.io's own adapter for Redis.
 *
 * They are those that handlers get as `@ConnectedSocket()`, so name their class: `sockets.ofUser<Socket>(userId)`. Asks no Redis.
 */
@Injectable()
export class SessionSockets {
  /** @internal */
  constructor(@Inject(SocketRegistry) private readonly registry: SocketRegistry) {}

  /**
   * The sockets of a session: those of one browser.
   *
   * @param sessionId the public id, `session.id`.
   */
  ofSession<Socket = unknown>(sessionId: string): Socket[] {
    return this.registry.ofSession(sessionId as SessionId) as Socket[];
  }

  /**
   * The sockets of all sessions of a user: of every tab of every browser.
   *
   * @param userId as it was given to `signIn()`.
   */
  ofUser<Socket = unknown>(userId: string): Socket[] {
    return this.registry.ofUser(userId) as Socket[];
  }

  /**
   * Whose a socket is, also in `handleConnection()` and in `handleDisconnect()`.
   *
   * @returns `undefined` for that of a stranger.
   */
  sessionOf(socket: object): SocketSession | undefined {
    const { sessionId, userId } = this.registry.connectionOf(socket) ?? {};
    return sessionId && { sessionId, userId };
  }
}
