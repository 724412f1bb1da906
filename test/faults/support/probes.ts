import { setTimeout as wait } from 'node:timers/promises';
import { CookieJar } from '../../support/browser-cookies.js';
import { eventually } from '../../support/eventually.js';
import { lightFetch } from '../../support/light-fetch.js';
import { times } from '../../support/scale.js';
import { quantile } from './quantile.js';

/** In `npm test` other specs run at the same time. */
const pauseMs = () => times(40, 5);

/**
 * Users who sign in once and from then on do nothing but write, each after the other: whenever one of them is not
 * answered with yes, the site was not there for them.
 */
export class Probes {
  readonly refusals: string[] = [];
  readonly tookMs: number[] = [];
  answers = 0;
  lastRefusalAt = 0;
  readonly #inARow: number[];
  #isAtWork = false;
  #work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly urls: readonly string[],
    private readonly users: readonly string[],
  ) {
    this.#inARow = users.map(() => 0);
  }

  async start(): Promise<void> {
    const jars = this.users.map(() => new CookieJar(lightFetch));
    for (const [i, user] of this.users.entries()) await this.#signIn(jars[i]!, user);
    this.#isAtWork = true;
    this.#work = Promise.all(
      jars.map((jar, i) => this.#run(jar, i, this.urls[i % this.urls.length]!)),
    );
  }

  async stop(): Promise<void> {
    this.#isAtWork = false;
    await this.#work;
  }

  /**
   * Until each of them has been told yes so many times in a row: then the last refusal was the end of an outage. Each,
   * because they ask different instances, and one may still wait for its answer when the other is served again.
   */
  async untilWell(answers = times(10, 25)): Promise<void> {
    this.#inARow.fill(0);
    const isWell = async () => this.#inARow.every((yes) => yes >= answers);
    await eventually('nobody is refused any more', isWell, 60_000).catch((error: Error) => {
      throw new Error(`${error.message} Said last: ${this.refusals.at(-1)}`, { cause: error });
    });
  }

  async untilRefused(): Promise<void> {
    const seen = this.refusals.length;
    await eventually('somebody is refused', async () => this.refusals.length > seen);
  }

  quantileMs(share: number): number {
    return quantile(this.tookMs, share);
  }

  async #signIn(jar: CookieJar, user: string): Promise<void> {
    const isIn = async () =>
      (await this.#post(jar, `${this.urls[0]}/sign-in`, { user })).status === 200;
    await eventually(`${user} is signed in`, isIn);
  }

  async #run(jar: CookieJar, probe: number, url: string): Promise<void> {
    while (this.#isAtWork) {
      const startedAt = performance.now();
      const said = await this.#post(jar, `${url}/visit`, {}).then(
        ({ status }) => String(status),
        (error: unknown) => String(error),
      );
      this.tookMs.push(performance.now() - startedAt);
      if (said === '200') this.#served(probe);
      else this.#refused(probe, said);
      await wait(pauseMs());
    }
  }

  #served(probe: number): void {
    this.answers++;
    this.#inARow[probe]!++;
  }

  #refused(probe: number, said: string): void {
    this.#inARow[probe] = 0;
    this.refusals.push(said);
    this.lastRefusalAt = performance.now();
  }

  async #post(jar: CookieJar, url: string, body: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const response = await jar.fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    await response.arrayBuffer();
    return response;
  }
}
