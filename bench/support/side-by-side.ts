import { type Summary, summarize } from './summary.js';

/** How long to repeat something: until the time is over, within bounds. */
export interface Repetitions {
  readonly budgetMs: number;
  readonly least: number;
  readonly most: number;
}

type Rivals<Name extends string> = Readonly<Record<Name, () => Promise<unknown>>>;

/**
 * Times several ways to do one thing, in turn, each round begun by another one: whatever else the machine does meets
 * all of them alike. A quarter of the time goes first to rounds that are not counted.
 *
 * @returns milliseconds.
 */
export async function sideBySide<Name extends string>(
  rivals: Rivals<Name>,
  { budgetMs, least, most }: Repetitions,
): Promise<Record<Name, Summary>> {
  const names = Object.keys(rivals) as Name[];
  await rounds(rivals, names, { budgetMs: budgetMs / 4, least: 2, most });
  const samples = await rounds(rivals, names, { budgetMs, least, most });
  const summaries = names.map((name) => [name, summarize(samples[name])]);
  return Object.fromEntries(summaries) as Record<Name, Summary>;
}

async function rounds<Name extends string>(
  rivals: Rivals<Name>,
  names: readonly Name[],
  { budgetMs, least, most }: Repetitions,
): Promise<Record<Name, number[]>> {
  const samples = Object.fromEntries(names.map((name) => [name, []])) as never as Record<
    Name,
    number[]
  >;
  const endsAt = performance.now() + budgetMs;
  for (let round = 0; round < most; round++) {
    if (round >= least && performance.now() > endsAt) break;
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length]!;
      const startedAt = performance.now();
      await rivals[name]();
      samples[name].push(performance.now() - startedAt);
    }
  }
  return samples;
}
