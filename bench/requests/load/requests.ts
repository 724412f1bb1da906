import type { SignIn } from '../contestants/new-session.js';
import type { Work } from './works.js';

/** As browsers send them. */
const HEADERS = [
  'Host: 127.0.0.1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Accept: application/json, text/plain, */*',
  'Connection: keep-alive',
].join('\r\n');

type Target = Pick<Work, 'method' | 'path'>;

export function requestText({ method, path }: Target, cookie?: string, body?: SignIn): string {
  const begin = `${method} ${path} HTTP/1.1\r\n${HEADERS}\r\n`;
  const cookieLine = cookie === undefined ? '' : `Cookie: ${cookie}\r\n`;
  if (body === undefined) return `${begin}${cookieLine}${method === 'POST' ? EMPTY : ''}\r\n`;
  const json = JSON.stringify(body);
  return `${begin}${cookieLine}Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
}

const EMPTY = 'Content-Length: 0\r\n';

/** Always equally long, so that keys are, too. */
export function userName(n: number): string {
  return `user-${String(n).padStart(8, '0')}`;
}
