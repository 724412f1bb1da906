import type { OnModuleDestroy } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { OnSessionEvent, type SessionEventOf, SessionEvents } from 'nestjs-redis-session/events';
import { SessionSockets } from 'nestjs-redis-session/websockets';
import type { Server, WebSocket } from 'ws';
import { Heartbeat } from './heartbeat.js';
import { tell } from './hint.js';

/** The library closes a socket with it when its session has ended. */
const SESSION_ENDED = 4401;

/**
 * Tells open tabs what has changed, on whichever instance. That the session of a tab is over, the library tells it by closing
 * the socket.
 */
@WebSocketGateway({ path: '/live', maxPayload: 256 })
export class LiveGateway implements OnGatewayInit, OnGatewayConnection, OnModuleDestroy {
  #heartbeat: Heartbeat | undefined;

  constructor(
    private readonly sockets: SessionSockets,
    private readonly events: SessionEvents,
  ) {}

  afterInit(server: Server): void {
    this.#heartbeat = new Heartbeat(server);
    // Events were missed, and nobody knows which.
    this.events.gaps$.subscribe(() => tell(server.clients, 'everything'));
  }

  /** A stranger would never be told anything. */
  handleConnection(socket: WebSocket): void {
    if (!this.sockets.sessionOf(socket)) socket.close(SESSION_ENDED, 'SESSION_REQUIRED');
  }

  @OnSessionEvent(['changed', 'renewed'])
  tellSession(event: SessionEventOf<'changed' | 'renewed'>): void {
    tell(this.sockets.ofSession(event.sessionId), 'session');
    // They follow once Redis has confirmed where the session goes on.
    if (event.type === 'renewed') tell(this.sockets.ofSession(event.previousId), 'session');
  }

  /** Not when a device was merely used: to look is to be used, and tabs would keep each other alive for ever. */
  @OnSessionEvent(['signed-in', 'renewed', 'signed-out', 'revoked'])
  tellDevices({
    userId,
  }: SessionEventOf<'signed-in' | 'renewed' | 'signed-out' | 'revoked'>): void {
    if (userId !== undefined) tell(this.sockets.ofUser(userId), 'devices');
  }

  onModuleDestroy(): void {
    this.#heartbeat?.stop();
  }
}
