import type { WebSocket } from 'ws';

/** What may have changed. Its content a tab asks for over HTTP, where its cookie says what it may see. */
export type Hint = 'session' | 'devices' | 'everything';

export function tell(sockets: Iterable<WebSocket>, event: Hint): void {
  const message = JSON.stringify({ event });
  for (const socket of sockets) socket.send(message);
}
