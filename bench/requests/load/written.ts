import { type Entrant, partsOf } from '../contestants/roster.js';
import type { Connection } from './connection.js';
import { requestText } from './requests.js';
import { WORKS } from './works.js';

const VIEWS = { method: 'GET', path: '/views' } as const;

/** @throws {Error} if a session does not hold what its request has just written. */
export async function assertWritten(
  { entrant }: { readonly entrant: Entrant },
  connection: Connection,
  cookies: readonly string[],
): Promise<void> {
  if (partsOf(entrant).name === 'none') return;
  const [cookie] = cookies;
  const written = await connection.send(requestText(WORKS.write, cookie));
  const read = await connection.send(requestText(VIEWS, cookie));
  if (read.body === written.body) return;
  throw new Error(`${entrant} wrote ${written.body}, and its session holds ${read.body}`);
}
