import type { SettingsName } from './settings.js';
import type { SignOutPlan } from './sign-out.js';

/** How much of everything is measured. */
export interface StoragePlan {
  readonly memory: readonly {
    readonly settings: SettingsName;
    readonly size: number;
    readonly sessions: number;
  }[];
  readonly usersSessions: number;
  readonly others: number;
  readonly signOuts: readonly SignOutPlan[];
  /** Where every session there is has to be read. */
  readonly byHand: SignOutPlan;
}

const SIZES = [300, 4000, 40_000];
const SETTINGS = ['default', 'recommended'] as const;
const MANY_SESSIONS = { sessions: 100_000, rounds: 3 };

export function planOf(isQuick: boolean): StoragePlan {
  const many = isQuick ? 5000 : 20_000;
  const sessionsOf = (size: number) => (size > 10_000 ? 2000 : many);
  return {
    memory: SETTINGS.flatMap((settings) =>
      SIZES.map((size) => ({ settings, size, sessions: sessionsOf(size) })),
    ),
    usersSessions: many,
    others: 9000,
    signOuts: [
      { sessions: 1, rounds: isQuick ? 10 : 50 },
      { sessions: 10, rounds: isQuick ? 10 : 50 },
      { sessions: 1000, rounds: isQuick ? 5 : 20 },
      { sessions: 10_000, rounds: isQuick ? 3 : 10 },
      ...(isQuick ? [] : [MANY_SESSIONS]),
    ],
    byHand: { sessions: 1000, rounds: isQuick ? 3 : 10 },
  };
}
