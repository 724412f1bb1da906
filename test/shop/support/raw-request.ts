import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends bytes that no HTTP client would send. @returns the whole answer */
export async function rawRequest(url: string, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write([...lines, `Host: ${hostname}`, 'Connection: close', '', ''].join('\r\n'), 'latin1');
  return text(socket);
}
