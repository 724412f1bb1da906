import type { SearchEngine, SearchQuery } from '../core/search-engine.js';
import { INDEXED_FOR } from './schema.js';

/** Asks for the documents that are not right for a declaration. 1 quick command. @returns `undefined` where there are none. */
export async function queryForOutdated(
  engine: SearchEngine,
  version: string,
): Promise<SearchQuery | undefined> {
  const tags = await engine.tagsOf(version, INDEXED_FOR);
  const foreign = tags.filter((tag) => !tag.split('+').includes(version));
  if (foreign.length === 0) return undefined;
  const params = foreign.flatMap((tag, i) => [`p${i}`, tag]);
  const names = foreign.map((_, i) => `$p${i}`).join(' | ');
  return { text: `@${INDEXED_FOR}:{${names}}`, params, hasPrefix: false };
}
