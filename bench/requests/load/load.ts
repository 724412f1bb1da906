import { Connection } from './connection.js';
import { requestText, userName } from './requests.js';
import { type Work, WORKS } from './works.js';

/** Who sends what, how much of it, and how much at once. */
export interface Load {
  readonly work: Work;
  readonly bytes: number;
  /** Of visitors who come in turn. */
  readonly cookies: readonly string[];
  readonly requests: number;
  readonly concurrency: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Of each request, in milliseconds. */
  readonly latencies: readonly number[];
}

/** As many connections as requests at once: open before the first request and after the last one. */
export async function openConnections(port: number, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => Connection.open(port)));
}

/** @throws {Error} at the first answer that is not the right one. */
export async function runLoad(connections: readonly Connection[], load: Load): Promise<LoadResult> {
  const { work, requests } = load;
  const latencies: number[] = [];
  let sent = 0;
  const ask = async (connection: Connection) => {
    while (sent < requests) {
      const request = nextRequest(load, sent++);
      const startedAt = performance.now();
      const { status, body } = await connection.send(request);
      latencies.push(performance.now() - startedAt);
      if (status === 200 && work.answer.test(body)) continue;
      throw new Error(`"${work.title}" was answered with ${status} ${body}`);
    }
  };
  const startedAt = performance.now();
  await Promise.all(connections.map(ask));
  return { seconds: (performance.now() - startedAt) / 1000, latencies };
}

function nextRequest({ work, bytes, cookies }: Load, n: number): string {
  const cookie = work.hasCookie ? cookies[n % cookies.length] : undefined;
  const body = work === WORKS['sign-in'] ? { user: userName(n), bytes } : undefined;
  return requestText(work, cookie, body);
}
