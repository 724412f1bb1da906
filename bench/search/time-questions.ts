import type { Redis } from 'ioredis';
import { control } from '../support/control.js';
import { type Repetitions, sideBySide } from '../support/side-by-side.js';
import { type Summary, summarize } from '../support/summary.js';
import type { Question, QuestionName, RivalName } from './questions.js';
import { SCANS } from './scan.js';

/** What one question is answered with, and how long that takes each rival, in milliseconds. */
export interface Timed {
  readonly answer: string;
  readonly times: Readonly<Partial<Record<RivalName, Summary>>> & {
    readonly library: Summary;
    /** Work that is always the same, timed in between. */
    readonly control: Summary;
  };
}

export interface TimedScan {
  readonly answer: string;
  readonly time: Summary;
}

export type OfEachQuestion<T> = Readonly<Record<QuestionName, T>>;

/** Begun before the index and its documents are there, which would only be in its way. */
export async function timeScans(
  redis: Redis,
  repetitions: number,
  onQuestion: (name: QuestionName) => void,
): Promise<OfEachQuestion<TimedScan>> {
  return forEach(SCANS, async (scan, name) => {
    onQuestion(name);
    const samples: number[] = [];
    let answer = '';
    for (let i = 0; i < repetitions; i++) {
      const startedAt = performance.now();
      answer = await scan(redis);
      samples.push(performance.now() - startedAt);
    }
    return { answer, time: summarize(samples) };
  });
}

/** @throws {Error} where two rivals do not say the same. */
export async function timeQuestions(
  questions: OfEachQuestion<Question>,
  scans: OfEachQuestion<TimedScan>,
  redis: Redis,
  repetitions: Repetitions,
  onQuestion: (name: QuestionName) => void,
): Promise<OfEachQuestion<Timed>> {
  return forEach(questions, async (question, name) => {
    onQuestion(name);
    const { answer } = scans[name];
    for (const [rival, { ask, answer: read }] of Object.entries(question)) {
      const given = read(await ask());
      if (given !== answer) {
        throw new Error(`To "${name}" the ${rival} way answers ${given}, and a scan ${answer}.`);
      }
    }
    const asks = Object.entries(question).map(([rival, { ask }]) => [rival, ask] as const);
    const rivals = { ...Object.fromEntries(asks), control: control(redis) };
    const times: Record<string, Summary> = await sideBySide(rivals, repetitions);
    return { answer, times: times as unknown as Timed['times'] };
  });
}

async function forEach<From, To>(
  all: OfEachQuestion<From>,
  act: (one: From, name: QuestionName) => Promise<To>,
): Promise<OfEachQuestion<To>> {
  const results: Partial<Record<QuestionName, To>> = {};
  for (const name of Object.keys(all) as QuestionName[]) results[name] = await act(all[name], name);
  return results as OfEachQuestion<To>;
}
