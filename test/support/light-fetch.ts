import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

const agent = new Agent({ keepAlive: true });

/** As `fetch`, which costs five times the CPU time of `node:http`: for visitors that ask thousands of times. */
export async function lightFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const { method = 'GET', headers, body, signal } = init;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, {
      agent,
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(signal && { signal }),
    });
    asked.on('response', resolve).on('error', reject).end(body);
  });
  const status = answer.statusCode!;
  const said = await text(answer);
  const lines = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Response(status === 204 || status === 304 ? null : said, { status, headers: lines });
}
