import type { Redis } from 'ioredis';
import { has, type SessionSearch } from 'nestjs-redis-session';
import type { index } from './declaration.js';
import { ftReply, valueOf } from './ft-reply.js';
import { COMMON_PLAN, ONE_TENANT, RARE_PRODUCT } from './population.js';

export type QuestionName = 'find' | 'countPlan' | 'countTenant' | 'countByTenant';
/** The library; the command that it comes down to, sent by hand; of `find`, that command without reading the hits. */
export type RivalName = 'library' | 'literal' | 'bare';

/** One way to ask, and what its reply comes to. */
export interface Rival {
  ask(): Promise<unknown>;
  answer(reply: unknown): string;
}

export type Question = Readonly<Partial<Record<RivalName, Rival>>> & { readonly library: Rival };

// Without a limit of its own a command stops after half a second, and answers with a part of the truth.
const LIMITS = ['TIMEOUT', 60_000, 'DIALECT', 2];
const COUNT = ['REDUCE', 'COUNT', 0, 'AS', 'sessions'];
const GROUP_BY_TENANT = ['GROUPBY', 1, '@tenant', ...COUNT, 'LIMIT', 0, 10_000, ...LIMITS];
const NO_ROWS = ['NOCONTENT', 'LIMIT', 0, 0, ...LIMITS];
const FIRST_PAGE = ['NOCONTENT', 'LIMIT', 0, 50, ...LIMITS];

export const TITLES: Record<QuestionName, string> = {
  find: 'find a product in 3 sessions',
  countPlan: 'count a third of all',
  countTenant: 'count one tenant of 1,000',
  countByTenant: 'countBy tenant',
};

export function questionsTo(
  search: SessionSearch<typeof index>,
  redis: Redis,
  version: string,
): Record<QuestionName, Question> {
  const name = `session-index:${version}`;
  const ft = (query: string, ...rest: (string | number)[]) =>
    redis.call('FT.SEARCH', name, query, ...rest);
  const count = (filter: { plan: string } | { tenant: string }, query: string): Question => ({
    library: { ask: () => search.count(filter), answer: String },
    literal: { ask: () => ft(query, ...NO_ROWS), answer: totalOf },
  });
  const rare = () => ft(`@products:{${RARE_PRODUCT}}`, ...FIRST_PAGE);
  return {
    find: {
      library: {
        ask: () => search.find({ products: has(RARE_PRODUCT) }),
        answer: (found) => String((found as { sessions: unknown[] }).sessions.length),
      },
      literal: {
        ask: async () => {
          const documents = ftReply(await rare()).rows.map((row) => String(valueOf(row, 'id')));
          return Promise.all(documents.map((key) => redis.hgetall(sessionKeyOf(key))));
        },
        answer: (hashes) => String((hashes as unknown[]).length),
      },
      bare: { ask: rare, answer: totalOf },
    },
    countPlan: count({ plan: COMMON_PLAN }, `@plan:{${COMMON_PLAN}}`),
    countTenant: count({ tenant: ONE_TENANT }, `@tenant:{${ONE_TENANT}}`),
    countByTenant: {
      library: {
        ask: () => search.countBy('tenant'),
        answer: (counts) => groupsOf([...(counts as Map<string, number>).values()]),
      },
      literal: {
        ask: () => redis.call('FT.AGGREGATE', name, '*', ...GROUP_BY_TENANT),
        answer: (reply) => groupsOf(ftReply(reply).rows.map(sessionsIn)),
      },
    },
  };
}

/** How many groups there are, and how large the largest is. */
export function groupsOf(counts: readonly number[]): string {
  return `${counts.length} groups up to ${Math.max(...counts)}`;
}

function totalOf(reply: unknown): string {
  return String(ftReply(reply).total);
}

function sessionsIn(row: readonly unknown[]): number {
  return Number(valueOf(valueOf(row, 'extra_attributes') as unknown[], 'sessions'));
}

function sessionKeyOf(documentKey: string): string {
  return documentKey.replace('session-index:', 'session:');
}
