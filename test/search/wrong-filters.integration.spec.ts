import {
  and,
  atLeast,
  between,
  has,
  matches,
  not,
  oneOf,
  or,
  startsWith,
} from 'nestjs-redis-session';
import { SessionIndex } from '../../libs/session/src/core/session-index.js';
import { FilterReader } from '../../libs/session/src/search/filter-reader.js';
import { indexOfShop } from './support/index-of-shop.js';
import { useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

/** What a parser of query strings or of JSON makes of what a stranger sends. */
const FROM_OUTSIDE: readonly (readonly [written: string, filter: unknown])[] = [
  ['?tenant[oneOf][]=x', { tenant: { oneOf: ['x'] } }],
  ['?tenant[]=x', { tenant: ['x'] }],
  ['?tenant[$ne]=', { tenant: { $ne: '' } }],
  ['?tenant[values][]=x&tenant[kinds][]=tag', { tenant: { values: ['x'], kinds: ['tag'] } }],
  ['?tenant[hasPrefix]=1', { tenant: { hasPrefix: true, start: 'ac' } }],
  ['a condition that went through JSON', { tenant: JSON.parse(JSON.stringify(oneOf('acme'))) }],
  ['a combination that went through JSON', JSON.parse(JSON.stringify(or({ tenant: 'acme' })))],
  ['?how=or', { how: 'or', filters: [] }],
  ['?views[gte]=1', { views: { gte: '1' } }],
  ['?views=1', { views: '1' }],
  ['?__proto__[tenant]=x', JSON.parse('{"__proto__":{"tenant":"x"}}')],
  ['?constructor=x', { constructor: 'x' }],
];

const MISTAKES: readonly (readonly [what: string, filter: () => unknown])[] = [
  ['undefined for a tag', () => ({ tenant: undefined })],
  ['null for a tag', () => ({ tenant: null })],
  ['undefined among others', () => ({ userId: 'alice', tenant: undefined })],
  ['undefined inside not()', () => not({ tenant: undefined })],
  ['undefined in oneOf()', () => ({ tenant: oneOf('a', undefined as never) })],
  ['an object in oneOf()', () => ({ tenant: oneOf({} as never) })],
  ['a list in oneOf()', () => ({ tenant: oneOf(['a'] as never) })],
  ['more than 1,000 in oneOf()', () => ({ tenant: oneOf(...Array<string>(1001).fill('a')) })],
  ['undefined in has()', () => ({ products: has(undefined as never) })],
  ['NaN', () => ({ views: Number.NaN })],
  ['NaN in between()', () => ({ views: between(Number.NaN, 1) })],
  ['a text in atLeast()', () => ({ views: atLeast('1' as never) })],
  ['undefined in between()', () => ({ views: between(1, undefined as never) })],
  ['a day that there is not', () => ({ createdAt: new Date(Number.NaN) })],
  ['one character in startsWith()', () => ({ tenant: startsWith('a') })],
  ['257 characters in startsWith()', () => ({ tenant: startsWith('a'.repeat(257)) })],
  ['a list in startsWith()', () => ({ tenant: startsWith(['a', 'b', 'c'] as never) })],
  ['an object in matches()', () => ({ note: matches({} as never) })],
  ['a range on a tag', () => ({ tenant: atLeast(1) })],
  ['words on a tag', () => ({ tenant: matches('acme') })],
  ['a bare text on tags', () => ({ products: 'tea' })],
  ['a bare text on words', () => ({ note: 'grüße' })],
  ['a beginning on a number', () => ({ views: startsWith('12') })],
  ['texts on a number', () => ({ views: oneOf('1') })],
  ['a field that is not declared', () => ({ cart: 'x' })],
  ['a field of the library', () => ({ indexedFor: 'x' })],
  ['a misspelt field inside or()', () => or({ tenant: 'acme' }, { tennant: 'acme' })],
  ['lastSeenAt', () => ({ lastSeenAt: 1 })],
  ['nothing', () => null],
  ['a text', () => 'tenant:acme'],
  ['a list', () => [{ tenant: 'acme' }]],
  ['a condition without a field', () => oneOf('acme')],
  ['undefined inside and()', () => and({ tenant: 'acme' }, undefined as never)],
  ['undefined inside not()', () => not(undefined as never)],
];

/** `acme`, in so many combinations, each around the one before. */
const NESTED: Record<string, (depth: number) => object> = {
  'not()': (depth) => wrapped(depth, (filter) => not(filter)),
  'and()': (depth) => wrapped(depth, (filter) => and({ views: 1 }, filter)),
  'or()': (depth) => wrapped(depth, (filter) => or(filter, { views: 2 })),
  'all three': (depth) =>
    wrapped(depth, (filter, i) => [not(filter), and(filter, { views: 1 }), or(filter)][i % 3]!),
};

function wrapped(depth: number, wrap: (filter: object, i: number) => object): object {
  let filter: object = { tenant: 'acme' };
  for (let i = 0; i < depth; i++) filter = wrap(filter, i);
  return filter;
}

describe('a filter is refused', () => {
  const filters = new FilterReader(new SessionIndex(indexOfShop));
  const errorOf = (filter: () => unknown) => {
    try {
      return filters.queryOf(filter());
    } catch (error) {
      return error;
    }
  };

  it.each(FROM_OUTSIDE)('when it came from outside: %s', (_, filter) => {
    expect(errorOf(() => filter)).toMatchObject({ code: 'SESSION_STATE' });
  });

  it.each(MISTAKES)('with %s', (_, filter) => {
    expect(errorOf(filter)).toMatchObject({ code: 'SESSION_STATE' });
  });

  it.each(Object.keys(NESTED))('when %s is nested too deeply, however deeply', (name) => {
    for (const depth of [33, 200, 100_000]) {
      expect(errorOf(() => NESTED[name]!(depth))).toMatchObject({
        code: 'SESSION_STATE',
        message: expect.stringMatching(/32 levels/),
      });
    }
  });

  it('naming the field and what it takes, never the value', () => {
    const error = String(errorOf(() => ({ tenant: { secret: 'of a visitor' } })));
    expect(error).toContain('"tenant"');
    expect(error).toContain('oneOf()');
    expect(error).not.toContain('secret');
  });
});

describeWithSearch('a filter that is wrong', () => {
  const used = useSearchedSite();

  it.each(Object.keys(NESTED))('is none if %s is nested 32 deep', async (name) => {
    await expect(used.site.search.count(NESTED[name]!(32))).resolves.toBe(0);
    await expect(used.site.search.updateWhere(NESTED[name]!(32), {})).resolves.toMatchObject({
      found: 0,
    });
  });

  it('ends nothing, writes nothing and finds nothing', async () => {
    const { search } = used.site;
    const id = await used.site.begin({ tenant: 'acme' });
    const nextOf = (filter: never) => search.stream(filter).next();
    for (const [, filter] of FROM_OUTSIDE) {
      const wrong = filter as never;
      const answers = await Promise.allSettled([
        search.revokeWhere(wrong),
        search.updateWhere(wrong, { tenant: 'x' }),
        search.find(wrong),
        search.count(wrong),
        search.countBy('tenant', wrong),
        nextOf(wrong),
      ]);
      expect(answers).toEqual(
        answers.map(() => ({
          status: 'rejected',
          reason: expect.objectContaining({ code: 'SESSION_STATE' }),
        })),
      );
    }
    expect((await used.site.service.find(id))?.data).toEqual({ tenant: 'acme' });
  });
});

describeWithSearch('an unknown option of a search', () => {
  const used = useSearchedSite();

  it.each<[call: string, act: (search: typeof used.site.search) => Promise<unknown>]>([
    ['find()', (search) => search.find({}, { pagesize: 2 } as never)],
    ['revokeWhere()', (search) => search.revokeWhere({}, { abort: AbortSignal.abort() } as never)],
    ['updateWhere()', (search) => search.updateWhere({}, { note: 'x' }, { progress: 1 } as never)],
    ['prepare()', (search) => search.prepare({ onprogress: () => 0 } as never)],
  ])('is refused by %s, which does nothing', async (call, act) => {
    const id = await used.site.begin({ tenant: 'acme' });
    await expect(act(used.site.search)).rejects.toMatchObject({
      code: 'SESSION_STATE',
      message: expect.stringContaining(`for ${call}. `),
    });
    expect((await used.site.service.find(id))?.data).toEqual({ tenant: 'acme' });
  });
});
