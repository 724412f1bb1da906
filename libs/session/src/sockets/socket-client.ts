import type { IncomingMessage } from 'node:http';

/** What this library uses of a socket of socket.io or of ws, so that it needs neither. */
export interface SocketClient {
  once(event: string, listener: () => void): unknown;

  /** Of socket.io: that of the handshake. ws hands it over beside the socket. */
  readonly request?: IncomingMessage;
  emit?(event: string, data: object): unknown;
  disconnect?(withConnection: boolean): unknown;
  /** What carries it, and other namespaces of the same peer. */
  readonly conn?: { close(): unknown };

  /** Of ws. */
  readonly readyState?: number;
  send?(text: string): void;
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

/** Tells the peer that its message failed, in the words of Nest: what went wrong is for the log. */
export function tellException(client: SocketClient): void {
  const data = { status: 'error', message: 'Internal server error' };
  if (isSocketIo(client)) client.emit?.('exception', data);
  else client.send?.(JSON.stringify({ event: 'exception', data }));
}

export interface Closing {
  readonly client: SocketClient;
  /** Why, for the peer. */
  readonly code: string;
  /** The same in HTTP's terms. Without a word: there is no session. */
  readonly status?: number;
}

/**
 * With one timer for all of them. Closing calls listeners of the application; one that throws keeps no other socket open.
 *
 * @param failed is told what they throw.
 */
export function closeClients(
  closings: readonly Closing[],
  failed: (error: unknown) => void = () => undefined,
): void {
  const each = (some: readonly Closing[], act: (closing: Closing) => unknown) => {
    for (const closing of some) {
      try {
        act(closing);
      } catch (error) {
        failed(error);
      }
    }
  };
  const ofSocketIo = closings.filter(({ client }) => isSocketIo(client));
  // One connection carries several namespaces: each hears of it before it is closed.
  each(ofSocketIo, ({ client, code }) => client.emit?.(ENDED_EVENT, { code }));
  each(ofSocketIo, ({ client }) => {
    try {
      client.disconnect?.(true);
    } catch (error) {
      // A listener has thrown before the connection was closed.
      client.conn?.close();
      throw error;
    }
  });
  const others = closings.filter(({ client }) => !isSocketIo(client));
  if (others.length === 0) return;
  each(others, ({ client, code, status = 401 }) => client.close?.(CLOSE_CODES + status, code));
  setTimeout(() => each(others, ({ client }) => client.terminate?.()), PATIENCE_MS).unref();
}
