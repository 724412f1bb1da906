import { CookieJar } from '../../support/browser-cookies.js';
import { lightFetch } from '../../support/light-fetch.js';
import type { Told } from './device.js';
import type { Ledger } from './ledger.js';

/** An answer: yes, "I do not know you", or none that says what became of it. */
export type Asked =
  | { readonly kind: 'yes'; readonly told: Told }
  | { readonly kind: 'stranger'; readonly why: string }
  | { readonly kind: 'refused' };

const GIVE_UP_MS = 20_000;

/** Asks the instances in turn, as a load balancer would, and puts down how they answer. */
export class Asker {
  /** How many answers have not been refusals since the last one that was. */
  inARow = 0;
  #next = Math.floor(Math.random() * 100);

  constructor(
    private readonly urls: readonly string[],
    private readonly ledger: Ledger,
  ) {}

  /** @param cookies a jar that keeps what the answer sets, or a cookie that was kept from before. */
  async ask(
    cookies: CookieJar | string,
    method: string,
    path: string,
    body: object = {},
  ): Promise<Asked> {
    const url = `${this.urls[this.#next++ % this.urls.length]}/${path}`;
    const headers = { 'content-type': 'application/json' };
    const init: RequestInit = {
      method,
      headers,
      signal: AbortSignal.timeout(GIVE_UP_MS),
      ...(method === 'POST' && { body: JSON.stringify(body) }),
    };
    const startedAt = performance.now();
    const lap = this.ledger.stopwatch!.start();
    const asked = await this.#send(cookies, url, init).catch((error: unknown): Asked => {
      if (startedAt + GIVE_UP_MS <= performance.now()) {
        this.ledger.wrong('error', `${method} /${path} was not answered: ${String(error)}`);
      }
      return { kind: 'refused' };
    });
    this.ledger.answered(asked.kind, lap());
    this.inARow = asked.kind === 'refused' ? 0 : this.inARow + 1;
    return asked;
  }

  async #send(cookies: CookieJar | string, url: string, init: RequestInit): Promise<Asked> {
    const response =
      typeof cookies === 'string'
        ? await lightFetch(url, { ...init, headers: { ...init.headers, cookie: cookies } })
        : await cookies.fetch(url, init);
    const { status } = response;
    const text = await response.text();
    this.ledger.issued(response);
    if (status >= 400 && response.headers.getSetCookie().length > 0) {
      this.ledger.wrong(
        'cookie',
        `${init.method} ${new URL(url).pathname}: ${status} set a cookie`,
      );
    }
    if (status === 200) return { kind: 'yes', told: JSON.parse(text) as Told };
    if (status === 401) return { kind: 'stranger', why: text };
    if (status !== 503) {
      this.ledger.wrong('error', `${init.method} ${new URL(url).pathname}: ${status} ${text}`);
    }
    return { kind: 'refused' };
  }
}
