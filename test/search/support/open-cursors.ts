import type { TestRedis } from '../../support/redis.js';
import type { SearchedSite } from './searched-site.js';

type Facts = unknown[];

/** How many answers Search keeps ready for whoever asks on, by its own account. */
export async function openCursors(
  { client }: TestRedis,
  { search, keyPrefix }: Pick<SearchedSite, 'search' | 'keyPrefix'>,
): Promise<number> {
  const { version } = await search.status();
  const facts = await client.call('FT.INFO', `${keyPrefix}session-index:${version}`);
  const cursors = of(facts, 'cursor_stats');
  return Number(of(cursors, 'index_total'));
}

/** Names and values in turn, as ioredis gives maps by default. */
function of(facts: unknown, name: string): unknown {
  return (facts as Facts)[(facts as Facts).indexOf(name) + 1];
}
