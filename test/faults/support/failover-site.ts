import { eventually } from '../../support/eventually.js';
import { seed } from '../../support/scale.js';
import type { Crowd } from './crowd.js';
import { type FailoverTimes, mayBeLost } from './failover-ledger.js';
import type { FailoverServers } from './failover-servers.js';
import { FaultSite } from './fault-site.js';
import { ms, type useFigures } from './figures.js';
import { quantile } from './quantile.js';
import { SignedIn } from './signed-in.js';

/** So that no request is refused only because this machine is busy. */
const PATIENT = { storeTimeoutMs: 1000, durableTimeoutMs: 5000 };
/** What is promised: back so long after the failover is over. */
const BACK_WITHIN_MS = 2000;
/** As in `soak.slow.spec.ts`. */
const HEAP_SHARE = 0.15;
/** With fewer, what a process compiles and caches on the way is taken for a leak. */
const ROUNDS_FOR_HEAP = 6;

/** A site on servers that have failovers, its visitors, and the judgement of what they were told. */
export class FailoverSite {
  readonly crowd: Crowd;
  /** Of each instance, after each failover. */
  readonly heaps: number[][] = [];
  /** What the machine has added to each recovery. */
  readonly #delaysMs: number[] = [];
  #handles: number[] = [];

  private constructor(
    readonly site: FaultSite,
    private readonly isDurable: boolean,
  ) {
    this.crowd = this.#newCrowd(this.name);
  }

  static async open(
    { redis }: FailoverServers,
    durable: 'replica' | undefined,
  ): Promise<FailoverSite> {
    const site = await FaultSite.open({ redis, durable, session: PATIENT, instances: 2 });
    const self = new FailoverSite(site, durable !== undefined);
    const warmUp = self.#newCrowd(`${self.name}-warm`);
    await warmUp.during(() => warmUp.untilYes(500));
    await self.#leave(warmUp.users);
    self.#handles = await self.#of('handles');
    return self;
  }

  get name(): string {
    return this.isDurable ? 'durable' : 'not durable';
  }

  /** Once all is well again, so that what got no answer is not carried out any more. */
  async afterFailover(delayMs: number): Promise<void> {
    this.crowd.settle();
    this.#delaysMs.push(delayMs);
    this.heaps.push(await this.#of('heapBytes'));
  }

  lastRefusalAfter(from: number, to: number): number {
    const refusals = this.crowd.ledger.refusals.filter(
      ({ endedAt }) => from <= endedAt && endedAt <= to,
    );
    return Math.max(0, ...refusals.map(({ endedAt }) => endedAt - from));
  }

  /** Once all is over. */
  async wrongs(failovers: readonly FailoverTimes[]): Promise<string[]> {
    await this.crowd.reckon();
    const { ledger } = this.crowd;
    const wrongs = ledger.wrongs.filter((wrong) => !mayBeLost(wrong, failovers, this.isDurable));
    const handles = async () =>
      (await this.#of('handles')).every((count, i) => count <= this.#handles[i]!);
    const left = await eventually('no handle is left over', handles).catch(
      ({ message }) => message,
    );
    const all = [
      ...wrongs.map(({ kind, what }) => `${this.name}, ${kind}: ${what}`),
      ...this.#refusedWhileWell(failovers).map((at) => `${this.name}: refused while well, ${at}`),
      ...this.#late(failovers).map((own) => `${this.name}: back ${ms(own)} after the failover`),
      ...(this.heapGrowth > HEAP_SHARE ? [`${this.name}: the heap has grown`] : []),
      ...(left === undefined ? [] : [`${this.name}: ${left}`]),
    ];
    return all.length === 0 ? [] : [...all, ...this.site.instances.map(({ output }) => output)];
  }

  /** From the first third of the failovers to the last one. */
  get heapGrowth(): number {
    if (this.heaps.length < ROUNDS_FOR_HEAP) return 0;
    const third = Math.floor(this.heaps.length / 3);
    const middle = (part: readonly number[][], i: number) =>
      quantile(
        part.map((heaps) => heaps[i]!),
        0.5,
      );
    const [first, last] = [this.heaps.slice(0, third), this.heaps.slice(-third)];
    return Math.max(...this.heaps[0]!.map((_, i) => middle(last, i) / middle(first, i) - 1));
  }

  report(
    figure: ReturnType<typeof useFigures>,
    topology: string,
    failovers: readonly FailoverTimes[],
  ): void {
    const { ledger } = this.crowd;
    const put = (what: string, value: unknown, goal = '') =>
      figure('F41', `${topology}, ${this.name}: ${what}`, value, goal);
    const longest = (from: 'begunAt' | 'replacedAt' | 'healedAt') =>
      ms(Math.max(0, ...failovers.map((f) => this.lastRefusalAfter(f[from], f.wellAt))));
    const none = this.isDurable ? '0' : '';
    const lost = ledger.wrongs.filter(({ kind }) => kind === 'lost');
    const lostSignIns = lost.filter(({ promised }) => promised?.deed === 'sign-in').length;
    put('failovers', failovers.length);
    put('last refusal after one began, at worst', longest('begunAt'));
    put(
      'after another was the primary',
      longest('replacedAt'),
      this.isDurable ? '' : ms(BACK_WITHIN_MS),
    );
    put('after the old one was a replica in step', longest('healedAt'), ms(BACK_WITHIN_MS));
    put(`refused while well, of ${ledger.requests}`, this.#refusedWhileWell(failovers).length, '0');
    put(`sign-outs undone, of ${ledger.signOuts}`, ledger.of('undone').length, none);
    put(`sign-ins lost, of ${ledger.signIns}`, lostSignIns, none);
    put(`other writes lost, of ${ledger.yes} answers`, lost.length - lostSignIns);
    put('heap has grown by', `${(100 * this.heapGrowth).toFixed(1)} %`, `${100 * HEAP_SHARE} %`);
  }

  /** All users of the site. */
  async leave(): Promise<void> {
    await this.#leave(this.crowd.users);
  }

  async #leave(users: readonly string[]): Promise<void> {
    for (const user of users) {
      const browser = await SignedIn.at(this.site.urls[0]!, user);
      for (const path of ['sign-out-others', 'sign-out']) {
        const { status } = await browser.post(path);
        if (status !== 200) throw new Error(`${user} was answered ${status} to /${path}.`);
      }
    }
  }

  /** Between failovers, from the first request that begins when all is well; not where it mostly waited for the machine. */
  #refusedWhileWell(failovers: readonly FailoverTimes[]): string[] {
    return this.crowd.ledger.refusals
      .filter(({ begunAt, endedAt, delayMs }) => delayMs < (endedAt - begunAt) / 2)
      .filter(
        ({ begunAt, endedAt }) =>
          !failovers.some((f) => f.begunAt <= endedAt && begunAt <= f.wellAt),
      )
      .map(({ endedAt }) => {
        const before = failovers.filter(({ wellAt }) => wellAt < endedAt).at(-1);
        return before ? `${ms(endedAt - before.wellAt)} after a failover` : 'before any failover';
      });
  }

  /** Recoveries that took longer than what is promised, without what the machine has added. */
  #late(failovers: readonly FailoverTimes[]): number[] {
    return failovers
      .map((f, i) => this.#backAfter(f) - this.#delaysMs[i]!)
      .filter((ownMs) => ownMs > BACK_WITHIN_MS);
  }

  /** Durable writes need a replica: on a Cluster the old primary is the only one. */
  #backAfter({ replacedAt, healedAt, wellAt }: FailoverTimes): number {
    return this.lastRefusalAfter(this.isDurable ? healedAt : replacedAt, wellAt);
  }

  async #of(what: 'heapBytes' | 'handles'): Promise<number[]> {
    return (await Promise.all(this.site.instances.map((each) => each.vitals()))).map(
      (vitals) => vitals[what],
    );
  }

  #newCrowd(name: string): Crowd {
    // Few and slow: what matters is how long they go on.
    return this.site.crowd({ seed, name: name.replace(' ', '-'), visitors: 6, thinkMs: 50 });
  }
}
