import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Asks over a websocket, in the protocol of graphql-ws. Resolves to the first error, and rejects at an answer. */
export async function subscribe(url: string, query: string): Promise<{ message: string }> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  try {
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    for (;;) {
      const [data] = (await once(socket, 'message')) as [Buffer];
      const said = JSON.parse(data.toString()) as { type: string; payload?: unknown };
      if (said.type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      } else if (said.type === 'error' || said.type === 'next') {
        const errors = (said.payload as { errors?: unknown[] }).errors ?? said.payload;
        return [errors].flat()[0] as { message: string };
      }
    }
  } finally {
    socket.terminate();
  }
}
