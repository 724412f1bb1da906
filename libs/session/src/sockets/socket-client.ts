import type { IncomingMessage } from 'node:http';

/** What this library uses of a socket of socket.io or of ws, so that it needs neither. */
export interface SocketClient {
  once(event: string, listener: () => void): unknown;

  /** Of socket.io: that of the handshake. ws hands it over beside the socket. */
  readonly request?: IncomingMessage;
  emit?(event: string, data: object): unknown;
  disconnect?(withConnection: boolean): unknown;

  /** Of ws. */
  readonly readyState?: number;
  close?(code: number, reason: string): void;
  terminate?(): void;
}

/** Close codes for private use begin here (RFC 6455, 7.4.2); on top comes what HTTP would have answered. */
const CLOSE_CODES = 4000;
/** What socket.io has in place of a close code. */
const ENDED_EVENT = 'session-ended';
/** How long a peer has to answer; one that does not would keep the socket. */
const PATIENCE_MS = 400;

function isSocketIo(client: SocketClient): boolean {
  return typeof client.disconnect === 'function';
}

/** Tells once that a socket is closed, by either side or by the network. */
export function onClosed(client: SocketClient, listener: () => void): void {
  client.once(isSocketIo(client) ? 'disconnect' : 'close', listener);
}

export interface Closing {
  readonly client: SocketClient;
  /** Why, for the peer. */
  readonly code: string;
  /** The same in HTTP's terms. Without a word: there is no session. */
  readonly status?: number;
}

/** With one timer for all of them. */
export function closeClients(closings: readonly Closing[]): void {
  const ofSocketIo = closings.filter(({ client }) => isSocketIo(client));
  // One connection carries several namespaces: each hears of it before it is closed.
  for (const { client, code } of ofSocketIo) client.emit?.(ENDED_EVENT, { code });
  for (const { client } of ofSocketIo) client.disconnect?.(true);
  const others = closings.filter(({ client }) => !isSocketIo(client));
  if (others.length === 0) return;
  for (const { client, code, status = 401 } of others) client.close?.(CLOSE_CODES + status, code);
  setTimeout(() => {
    for (const { client } of others) client.terminate?.();
  }, PATIENCE_MS).unref();
}
