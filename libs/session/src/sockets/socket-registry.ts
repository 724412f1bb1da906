import { Injectable } from '@nestjs/common';
import type { SessionId } from '../core/token.js';
import type { SocketClient } from './socket-client.js';
import type { SocketConnection } from './socket-connection.js';

/** The sockets of this instance, by session and by user. Strangers have no session, so nothing can end theirs. */
@Injectable()
export class SocketRegistry {
  readonly #ofClient = new WeakMap<object, SocketConnection>();
  readonly #ofSession = new Map<SessionId, Set<SocketConnection>>();
  readonly #ofUser = new Map<string, Set<SocketConnection>>();

  /** Of a socket, also of one that is closed. */
  connectionOf(client: object): SocketConnection | undefined {
    return this.#ofClient.get(client);
  }

  add(client: SocketClient, connection: SocketConnection): void {
    this.#ofClient.set(client, connection);
    connection.clients.add(client);
    const { sessionId, userId } = connection;
    if (sessionId === undefined) return;
    put(this.#ofSession, sessionId, connection);
    if (userId !== undefined) put(this.#ofUser, userId, connection);
  }

  remove(client: SocketClient): void {
    const connection = this.#ofClient.get(client);
    connection?.clients.delete(client);
    if (connection && connection.clients.size === 0) this.#forget(connection);
  }

  /** The session goes on under another id, and its sockets with it. */
  move(from: SessionId, to: SessionId): void {
    for (const connection of this.#ofSession.get(from) ?? []) {
      connection.sessionId = to;
      put(this.#ofSession, to, connection);
    }
    this.#ofSession.delete(from);
  }

  has(sessionId: SessionId): boolean {
    return this.#ofSession.has(sessionId);
  }

  /** Whose the session is; with another user it would be another session. */
  userOf(sessionId: SessionId): string | undefined {
    const [connection] = this.#ofSession.get(sessionId) ?? [];
    return connection?.userId;
  }

  sessionIds(): Iterable<SessionId> {
    return this.#ofSession.keys();
  }

  ofSession(sessionId: SessionId): SocketClient[] {
    return clientsOf(this.#ofSession.get(sessionId));
  }

  ofUser(userId: string): SocketClient[] {
    return clientsOf(this.#ofUser.get(userId));
  }

  #forget(connection: SocketConnection): void {
    const { sessionId, userId } = connection;
    if (sessionId !== undefined) drop(this.#ofSession, sessionId, connection);
    if (userId !== undefined) drop(this.#ofUser, userId, connection);
  }
}

function put<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function drop<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}

function clientsOf(connections: ReadonlySet<SocketConnection> = new Set()): SocketClient[] {
  return [...connections].flatMap(({ clients }) => [...clients]);
}
