import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Heartbeat } from '../../src/live/heartbeat.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

it('the heartbeat drops a socket whose peer answers no more, and keeps one whose peer does', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  defer(() => server.close());
  await once(server, 'listening');
  const heartbeat = new Heartbeat(server, 200);
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const there = new WebSocket(url);
  await once(there, 'open');
  const gone = new WebSocket(url, { autoPong: false });
  await once(gone, 'close');
  await once(there, 'ping');
  expect(there.readyState).toBe(WebSocket.OPEN);
  heartbeat.stop();
  there.close();
  await once(there, 'close');
});
