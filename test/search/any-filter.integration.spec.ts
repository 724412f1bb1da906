import {
  and,
  atLeast,
  atMost,
  below,
  between,
  has,
  matches,
  not,
  oneOf,
  or,
  type SessionData,
  startsWith,
} from 'nestjs-redis-session';
import { SessionIndex } from '../../libs/session/src/core/session-index.js';
import { FilterReader } from '../../libs/session/src/search/filter-reader.js';
import { seed } from '../support/scale.js';
import { randomFrom } from './support/hostile-text.js';
import { indexOfShop } from './support/index-of-shop.js';
import { useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

const SESSIONS = 300;
const FILTERS = 1000;
const random = randomFrom(seed);
const below0 = (limit: number) => Math.floor(random() * limit);
const pick = <T>(from: readonly T[]): T => from[below0(from.length)]!;
const few = <T>(one: () => T): T[] => Array.from({ length: below0(4) }, one);
const word = () => pick(['tea', 'tealeaf', 'Tea', 'te', 'mug', '', ' ', 'a b', '-7', 'ß']);
const number = () => pick([-7, -0.5, 0, 1, 2.5, 7, 1e15]);

const anyData = (): Partial<SessionData> => ({
  ...(random() < 0.7 && { tenant: word() }),
  ...(random() < 0.7 && { isBeta: random() < 0.5 }),
  ...(random() < 0.7 && { labels: few(word) }),
  ...(random() < 0.7 && { views: number() }),
  ...(random() < 0.7 && { note: few(word).join(' ') }),
  ...(random() < 0.7 && { lines: few(() => ({ sku: word(), quantity: below0(4) })) }),
});

const CONDITIONS: readonly (() => object)[] = [
  () => ({ tenant: word() }),
  () => ({ tenant: oneOf(...few(word)) }),
  () => ({ tenant: startsWith(pick(['te', 'tea', 'a b', '-7'])) }),
  () => ({ isBeta: random() < 0.5 }),
  () => ({ mood: pick(['busy', 'calm']) }),
  () => ({ labels: has(word()), products: oneOf(...few(word)) }),
  () => ({ products: startsWith('te') }),
  () => ({ views: number() }),
  () => ({ views: oneOf(...few(number)) }),
  () => ({ views: between(number(), number()) }),
  () => ({ views: atLeast(number()), total: below(below0(6)) }),
  () => ({ total: atMost(below0(6)) }),
  () => ({ note: matches(few(word).join(' ')) }),
  () => ({ userId: oneOf('alice', word()) }),
  () => ({ signedInAt: atLeast(0) }),
  () => ({}),
];

function anyFilter(depth = 0): object {
  const parts = () => few(() => anyFilter(depth + 1));
  switch (depth < 3 ? below0(6) : 0) {
    case 1:
      return and(...parts());
    case 2:
      return or(...parts());
    case 3:
      return not(anyFilter(depth + 1));
    default:
      return pick(CONDITIONS)();
  }
}

describeWithSearch(`any filter at all (TEST_SEED=${seed})`, () => {
  const used = useSearchedSite({ storeTimeoutMs: 30_000 });

  it(`means the same to Search and to a session that is read: ${FILTERS} filters`, async () => {
    const { site } = used;
    const users = [undefined, 'alice', 'bob'];
    const ids = await site.beginMany(SESSIONS, anyData, () => pick(users));
    const records = (await Promise.all(ids.map((id) => site.repository.read(id)))).map((r) => r!);
    const filters = new FilterReader(new SessionIndex(indexOfShop));
    const sizes = new Set<number>();
    for (let i = 0; i < FILTERS; i++) {
      const filter = anyFilter();
      const right = records.filter((record) => filters.matches(filter, record));
      // By the index alone, so that nothing is put right by what is read afterwards.
      const total = await site.search.count(filter);
      const query = filters.queryOf(filter);
      expect({ seed, query, total }).toEqual({ seed, query, total: right.length });
      sizes.add(total);
    }
    // Not all of them find everybody or nobody.
    expect(sizes.size).toBeGreaterThan(30);
  }, 120_000);
});
