import type { Instance } from '../../support/instance.js';
import { seed } from '../../support/scale.js';
import { runTurns } from '../run-turns.js';
import { SeededRandom } from '../seeded-random.js';
import type { History } from './history.js';
import { RecordedSession } from './recorded-session.js';
import { type Operation, SESSION_MODEL } from './session-model.js';
import { violationOf } from './timeline.js';
import { Worker } from './worker.js';

/** Enough that they meet in Redis, few enough that a fault leaves the outcome of few calls unknown. */
const SESSIONS_AT_ONCE = 24;

export interface HistoriesRun {
  readonly instances: readonly Instance[];
  readonly histories: number;
  /** Called with every operation that was done, to let something happen now and then. */
  readonly onOperation?: () => void;
  /** Of a store that is broken on purpose, one violation is enough. */
  readonly stopsAtViolation?: boolean;
}

export interface HistoriesResult {
  histories: number;
  operations: number;
  unknown: number;
  readonly violations: string[];
}

/** Lets workers use many sessions, some at a time, and checks the history of each. */
export async function runHistories(run: HistoriesRun): Promise<HistoriesResult> {
  const result: HistoriesResult = { histories: 0, operations: 0, unknown: 0, violations: [] };
  const isEnough = (begun: number): boolean =>
    begun >= run.histories || (run.stopsAtViolation === true && result.violations.length > 0);
  await runTurns(SESSIONS_AT_ONCE, isEnough, async (number) => {
    const history = await recordHistory(run, number);
    result.histories++;
    result.operations += history.length;
    result.unknown += history.filter(({ outcome }) => outcome.kind !== 'answered').length;
    const violation = violationOf(SESSION_MODEL, history);
    if (violation) result.violations.push(`history ${number}\n${violation}`);
  });
  return result;
}

/** 8 to 16 operations by 3 or 4 workers on one session, and then what it holds. */
async function recordHistory(
  { instances, onOperation }: HistoriesRun,
  number: number,
): Promise<History<Operation>> {
  const random = new SeededRandom(seed + number);
  const isGuest = number % 4 === 0;
  const session = new RecordedSession(`user-${seed}-${number}`, isGuest);
  let left = 8 + random.below(9);
  const workers = Array.from({ length: 3 + random.below(2) }, (_, i) => {
    const instance = instances[(number + i) % instances.length]!;
    return new Worker(i, session, instance, random, isGuest);
  });
  await session.create({ number: 0, instance: instances[0]! }, 'first');
  const signsInAt = isGuest ? Math.floor(left / 2) : -1;
  const work = async (worker: Worker): Promise<void> => {
    while (left > 0) {
      const turn = left--;
      await (turn === signsInAt ? worker.signIn() : worker.act(turn));
      onOperation?.();
    }
  };
  await Promise.all(workers.map(work));
  for (const id of session.letters.slice(-4)) {
    await session.read({ number: workers.length, instance: instances[0]! }, id);
  }
  return session.recorder.history;
}
