/** What a visitor does, over HTTP: signs in, is known, is counted, signs out, is a stranger again. */
export async function visit(url: string): Promise<string> {
  let cookie = '';
  const ask = async (method: string, path: string, status: number): Promise<string> => {
    const response = await fetch(`${url}/${path}`, { method, headers: { cookie } });
    const text = await response.text();
    if (response.status !== status) {
      throw new Error(`${method} /${path} gives ${response.status} instead of ${status}: ${text}`);
    }
    const [given] = response.headers.getSetCookie();
    if (given !== undefined) cookie = given.split(';')[0]!;
    return text;
  };
  await ask('GET', 'me', 401);
  await ask('POST', 'sign-in', 201);
  const signedIn = cookie;
  await ask('POST', 'visit', 201);
  const me = await ask('GET', 'me', 200);
  const expected = JSON.stringify({ user: 'alice', visits: 1, devices: 1 });
  if (me !== expected) throw new Error(`GET /me gives ${me} instead of ${expected}`);
  await ask('GET', 'health', 200);
  const wrong = await ask('GET', 'wrong', 500);
  if (!/internal server error/i.test(wrong)) throw new Error(`GET /wrong tells ${wrong}`);
  await ask('POST', 'sign-out', 201);
  cookie = signedIn;
  await ask('GET', 'me', 401);
  return 'signs in, reads, signs out';
}
