import { Agent, request } from 'node:http';

/** For thousands of requests: connections that stay open, and no cookies but those that are handed over. */
export class QuickBrowser {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  constructor(private readonly url: string) {}

  send(
    method: string,
    path: string,
    cookie = '',
  ): Promise<{ readonly status: number; readonly setCookies: readonly string[] }> {
    return new Promise((resolve, reject) => {
      const headers = cookie ? { cookie } : {};
      const sent = request(new URL(path, this.url), { method, headers, agent: this.#agent });
      sent.once('response', (response) => {
        response.resume();
        const { statusCode: status = 0, headers: answered } = response;
        response.once('end', () => resolve({ status, setCookies: answered['set-cookie'] ?? [] }));
      });
      sent.once('error', reject).end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
