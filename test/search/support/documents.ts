import { SessionIndex } from '../../../libs/session/src/core/session-index.js';
import type { TestRedis } from '../../support/redis.js';
import { indexOfShop } from './index-of-shop.js';
import type { SearchedSite } from './searched-site.js';

const AT_ONCE = 10_000;
const WRITE = `
for i = 1, ${AT_ONCE} do
  local number = ARGV[2] * ${AT_ONCE} + i
  redis.call('HSET', ARGV[1] .. '{0000}:' .. string.format('%032d', number), ARGV[3], 'tenant-' .. number % 7919,
    ARGV[4], number, ARGV[5], 'each\\31of-' .. number % 100, 'createdAt', number, 'indexedFor', ARGV[6])
end`;

/** Writes tens of thousands of index documents that have no sessions: for questions that the index alone answers. */
export async function writeDocuments(
  { client }: TestRedis,
  { keyPrefix, search }: Pick<SearchedSite, 'keyPrefix' | 'search'>,
  count: number,
): Promise<void> {
  const index = new SessionIndex(indexOfShop);
  const fieldOf = (name: string) =>
    index.fields.find((field) => field.name === name)!.documentField;
  const names = ['tenant', 'views', 'labels'].map(fieldOf);
  const { version } = await search.status();
  for (let at = 0; at < count; at += AT_ONCE) {
    await client.eval(WRITE, 0, `${keyPrefix}session-index:`, at / AT_ONCE, ...names, version);
  }
}
