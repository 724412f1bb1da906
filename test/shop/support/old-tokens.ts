import { EventEmitter, once } from 'node:events';

interface Knock {
  readonly askedAt: number;
  readonly site: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly setsCookie: boolean;
}

/**
 * Tokens that write to their carts without a pause, at several sites; each answer is noted beside when it was asked
 * for. The carts must hold tea.
 */
export class OldTokens {
  readonly #knocks: Knock[] = [];
  readonly #answers = new EventEmitter();
  readonly #work: Promise<unknown>;
  #isOver = false;

  constructor(tokens: readonly string[], sites: readonly string[]) {
    const pairs = sites.flatMap((site) => tokens.map((token) => ({ site, token })));
    this.#work = Promise.all(pairs.map(({ site, token }) => this.#knock(site, token)));
  }

  /** Resolves when so many requests were asked from now on and answered, at every site. */
  async answered(times: number, sites: readonly string[]): Promise<void> {
    const since = performance.now();
    const isEnough = (site: string) =>
      this.asked(since).filter((knock) => knock.site === site).length >= times;
    while (!sites.every(isEnough)) await once(this.#answers, 'answer');
  }

  /** What was asked from then on, by `performance.now()`. */
  asked(since: number): Knock[] {
    return this.#knocks.filter(({ askedAt }) => askedAt >= since);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #knock(site: string, token: string): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      const askedAt = performance.now();
      const response = await fetch(`${site}/api/cart/tea`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', cookie: `id=${token}` },
        body: JSON.stringify({ quantity: 1 + (i % 99) }),
      });
      const { code } = (await response.json()) as { code?: string };
      const setsCookie = response.headers.getSetCookie().length > 0;
      this.#knocks.push({ askedAt, site, status: response.status, code, setsCookie });
      this.#answers.emit('answer');
    }
  }
}
