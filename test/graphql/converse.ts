import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Messages as a client may send them that has no manners. */
export const init = (payload?: object) => ({ type: 'connection_init', payload });
export const subscribe = (id: string, query: string) => ({
  type: 'subscribe',
  id,
  payload: { query },
});

/** Sends what it is given, and waits for so many answers, or until the site closes. @returns all that the site said. */
export async function converse(
  { url }: { readonly url: string },
  headers: Record<string, string>,
  messages: readonly { readonly send: readonly object[]; readonly answers: number }[],
): Promise<string[]> {
  const address = `${url.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(address, 'graphql-transport-ws', { headers });
  const said: string[] = [];
  let arrived = () => undefined as void;
  socket.on('message', (data: Buffer) => (said.push(String(data)), arrived()));
  socket.on('close', () => arrived());
  await once(socket, 'open');
  for (const { send, answers } of messages) {
    for (const message of send) socket.send(JSON.stringify(message));
    const enough = said.length + answers;
    while (said.length < enough && socket.readyState !== WebSocket.CLOSED) {
      await new Promise<void>((resolve) => (arrived = resolve));
    }
  }
  socket.terminate();
  return said;
}
