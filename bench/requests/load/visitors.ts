import type { Entrant } from '../contestants/roster.js';
import { Connection } from './connection.js';
import { requestText, userName } from './requests.js';
import { WORKS } from './works.js';

const AT_ONCE = 8;

/** Signs visitors in through the application itself. @returns their cookies; without any where there are no sessions. */
async function signIn(port: number, count: number, bytes: number): Promise<string[]> {
  const cookies: string[] = [];
  let next = 0;
  const visit = async () => {
    const connection = await Connection.open(port);
    while (next < count) {
      const body = { user: userName(next++), bytes };
      const { status, head } = await connection.send(
        requestText(WORKS['sign-in'], undefined, body),
      );
      if (status !== 200) throw new Error(`A sign-in was answered with ${status}.`);
      cookies.push(/\r\nset-cookie: *([^;\r]+)/i.exec(head)?.[1] ?? 'id=none');
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visit));
  return cookies;
}

export async function signInAll(
  contestants: readonly { readonly entrant: Entrant; readonly port: number }[],
  count: number,
  bytes: number,
): Promise<Map<Entrant, string[]>> {
  const cookies = new Map<Entrant, string[]>();
  for (const { entrant, port } of contestants)
    cookies.set(entrant, await signIn(port, count, bytes));
  return cookies;
}
