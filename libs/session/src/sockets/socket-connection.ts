import type { IncomingMessage } from 'node:http';
import type { SessionId } from '../core/token.js';
import type { SocketClient } from './socket-client.js';

/** What came of a handshake. In socket.io several sockets share it: one for each namespace. */
export class SocketConnection {
  readonly clients = new Set<SocketClient>();

  constructor(
    readonly request: IncomingMessage,
    /** By what the session is called now; `undefined` for a stranger. */
    public sessionId: SessionId | undefined,
    readonly userId: string | undefined,
    /** When the session can end at the earliest, in epoch milliseconds by the clock of Redis. */
    readonly endsAt: number,
    /** What had been heard of sessions before it was read: more means that it may have changed since. */
    public heard: number,
  ) {}
}
