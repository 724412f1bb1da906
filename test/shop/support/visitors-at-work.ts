import { EventEmitter, once } from 'node:events';
import { type Answer, Visitor } from './visitor.js';

const VISITORS_PER_SITE = 4;

interface Guest {
  readonly site: string;
  readonly visitor: Visitor;
  /** Views that were answered with 200: Redis has them, whatever happens. */
  confirmed: number;
  /** Views that were not: Redis may have them. */
  inDoubt: number;
}

/** Signed-in visitors who look at products without a pause, at several instances, and keep count. */
export class VisitorsAtWork {
  /** Answers that should never be: neither yes nor "not now", or with a cookie. */
  readonly surprises: string[] = [];
  readonly #answers = new EventEmitter();
  readonly #guests: Guest[];
  #isOver = false;
  #work: Promise<unknown> | undefined;

  private constructor(sites: readonly string[]) {
    this.#guests = sites.flatMap((site) =>
      Array.from({ length: VISITORS_PER_SITE }, () => ({
        site,
        visitor: new Visitor(site),
        confirmed: 0,
        inDoubt: 0,
      })),
    );
  }

  static async begin(sites: readonly string[]): Promise<VisitorsAtWork> {
    const work = new VisitorsAtWork(sites);
    await Promise.all(work.#guests.map(({ visitor }) => visitor.signIn('carol')));
    work.#work = Promise.all(work.#guests.map((guest) => work.#lookAround(guest)));
    return work;
  }

  /** Resolves when so many answers with this status have come from now on. */
  async untilAnswered(status: number, times: number): Promise<void> {
    for (let i = 0; i < times; i++) await once(this.#answers, `${status}`);
  }

  async nextAnswer(status: number, site: string): Promise<void> {
    await once(this.#answers, `${status} ${site}`);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  /** Those whose session does not hold what was confirmed to them. */
  async lost(): Promise<string[]> {
    const counts = this.#guests.map(async ({ visitor, confirmed, inDoubt }) => {
      const { signedIn, views } = (await visitor.session()).body;
      const isWhole = signedIn && views >= confirmed && views <= confirmed + inDoubt;
      return isWhole ? [] : [`${views} views, confirmed ${confirmed}, in doubt ${inDoubt}`];
    });
    return (await Promise.all(counts)).flat();
  }

  async #lookAround(guest: Guest): Promise<void> {
    while (!this.#isOver) {
      const answer = await guest.visitor.view();
      if (answer.status === 200) guest.confirmed++;
      else guest.inDoubt++;
      if (isSurprise(answer)) {
        this.surprises.push(`${answer.status} ${answer.setCookies.length} cookies`);
      }
      this.#answers.emit(`${answer.status}`);
      this.#answers.emit(`${answer.status} ${guest.site}`);
    }
  }
}

function isSurprise({ status, setCookies }: Answer): boolean {
  return ![200, 503].includes(status) || setCookies.length > 0;
}
