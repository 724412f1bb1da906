import { type Summary, summarize } from '../support/summary.js';
import { type Entrant, partsOf } from './contestants/roster.js';
import { measureRound, type Sample } from './measure-round.js';
import type { Plan } from './options.js';
import type { ContestantProcess } from './stand/contestant-process.js';
import type { Stand } from './stand/stand.js';
import { type WorkName, WORKS } from './load/works.js';

export interface Cell {
  readonly work: WorkName;
  readonly bytes: number;
  readonly concurrency: number;
}

/** What a request costs: medians over the rounds, and how they spread. */
export type Costs = Readonly<Record<keyof Sample | 'added', Summary>>;
export type CostsOfAll = Readonly<Partial<Record<Entrant, Costs>>>;
export type CellResult = Cell & { readonly costs: CostsOfAll };
/** The cookies of those who are signed in. */
export type Cookies = ReadonlyMap<Entrant, readonly string[]>;

/** Least requests of each connection in a round: its first ones meet a server that has just been woken. */
const LEAST_PER_CONNECTION = 5;
const LEAST_ROUNDS = 3;

/** In rounds, each begun by another contestant: whatever else the machine does meets all of them alike. */
export async function measureCell(
  { contestants, meter, warm }: Omit<Stand, 'redis' | 'server' | 'close'>,
  cookies: Cookies,
  { work: name, bytes, concurrency }: Cell,
  plan: Plan,
  onProgress: (done: number) => void,
): Promise<CellResult> {
  const work = WORKS[name];
  const requests = Math.max(plan.requests, concurrency * LEAST_PER_CONNECTION);
  const samples = new Map<Entrant, Sample[]>(contestants.map(({ entrant }) => [entrant, []]));
  const loadOf = ({ entrant }: ContestantProcess, amount: number) => ({
    work,
    bytes,
    concurrency,
    requests: amount,
    cookies: cookies.get(entrant)!,
  });
  const warmUp = warm.size === 0 ? plan.warmUp : plan.warmUp / 4;
  if (!warm.has(name)) {
    for (const one of contestants) await measureRound(one, meter, loadOf(one, warmUp));
  }
  warm.add(name);
  const endsAt = performance.now() + plan.budgetMs * contestants.length;
  for (let round = 0; round < plan.rounds; round++) {
    if (round >= LEAST_ROUNDS && performance.now() > endsAt) break;
    for (let i = 0; i < contestants.length; i++) {
      const one = contestants[(round + i) % contestants.length]!;
      const sample = await measureRound(one, meter, loadOf(one, requests));
      samples.get(one.entrant)!.push(sample);
      onProgress((round + i / contestants.length) / plan.rounds);
    }
  }
  return { work: name, bytes, concurrency, costs: costsOf(samples) };
}

/** What a session adds is counted round by round, so that it counts little how the machine was then. */
function costsOf(samples: ReadonlyMap<Entrant, readonly Sample[]>): CostsOfAll {
  const entries = [...samples].map(([entrant, own]): [Entrant, Costs] => {
    const none = samples.get(`${partsOf(entrant).platform}/none`) ?? [];
    const added = own.map(({ cpu }, round) => cpu - (none[round]?.cpu ?? Number.NaN));
    const names = Object.keys(own[0]!) as (keyof Sample)[];
    const summaries = names.map((name) => [name, summarize(own.map((sample) => sample[name]))]);
    return [entrant, { ...Object.fromEntries(summaries), added: summarize(added) } as Costs];
  });
  return Object.fromEntries(entries) as CostsOfAll;
}
