import fc from 'fast-check';
import type { SessionRecord } from '../core/record.js';
import { SessionIndex } from '../core/session-index.js';
import type { SessionId } from '../core/token.js';
import { matches } from './conditions/matches.js';
import { has, oneOf } from './conditions/one-of.js';
import { atLeast, atMost, below, between } from './conditions/range.js';
import { startsWith } from './conditions/starts-with.js';
import { and, not, or } from './filter.js';
import { FilterReader } from './filter-reader.js';

const filters = new FilterReader(
  new SessionIndex({
    tenant: { kind: 'tag', field: 'tenant' as never, read: undefined },
    labels: { kind: 'tags', field: 'labels' as never, read: undefined },
    views: { kind: 'numeric', field: 'views' as never, read: undefined },
    note: { kind: 'text', field: 'note' as never, read: undefined },
  }),
);
const EVERYTHING = '*';
const NOTHING = '@createdAt:[1 0]';

describe('a filter as a question to Search', () => {
  it.each<[filter: unknown, text: string, values: unknown[]]>([
    [{}, EVERYTHING, []],
    [and(), EVERYTHING, []],
    [not(or()), EVERYTHING, []],
    [or({}, { tenant: 'a' }), EVERYTHING, []],
    [or(), NOTHING, []],
    [not({}), NOTHING, []],
    [{ tenant: oneOf() }, NOTHING, []],
    [{ tenant: 'a', labels: oneOf() }, NOTHING, []],
    [{ note: matches('?!') }, NOTHING, []],
    [{ views: between(2, 1) }, NOTHING, []],
    [or({ tenant: oneOf() }, { views: 1 }), '((@views:[$p0 $p0]))', [1]],
    [{ tenant: 'a|b' }, '(@tenant:{$p0})', ['a|b']],
    [{ tenant: '' }, '(@tenant:{$p0})', ['%']],
    [{ tenant: oneOf('a', 7, true) }, '(@tenant:{$p0 | $p1 | $p2})', ['a', '7', 'true']],
    [{ labels: has('a') }, '(@labels:{$p0})', ['a']],
    [{ tenant: startsWith('ab') }, '(@tenant:{$p0*})', ['ab']],
    [{ views: oneOf(1, 2) }, '(@views:[$p0 $p0] | @views:[$p1 $p1])', [1, 2]],
    [{ views: between(1, 2) }, '(@views:[$p0 $p1])', [1, 2]],
    [{ views: atLeast(1) }, '(@views:[$p0 +inf])', [1]],
    [{ views: atMost(1) }, '(@views:[-inf $p0])', [1]],
    [{ views: below(1) }, '(@views:[-inf ($p0])', [1]],
    [{ createdAt: atLeast(new Date(5)) }, '(@createdAt:[$p0 +inf])', [5]],
    [{ note: matches('A b') }, '(@note:($p0) @note:($p1))', ['a', 'b']],
    [{ tenant: 'a', views: 1 }, '(@tenant:{$p0}) (@views:[$p1 $p1])', ['a', 1]],
    [not({ tenant: 'a' }), '-((@tenant:{$p0}))', ['a']],
    [
      and(or({ tenant: 'a' }, { views: 1 }), not({ userId: 'b' })),
      '(((@tenant:{$p0})) | ((@views:[$p1 $p1]))) (-((@userId:{$p2})))',
      ['a', 1, 'b'],
    ],
  ])('%j is %s', (filter, text, values) => {
    const query = filters.queryOf(filter);
    expect(query.text).toBe(text);
    expect(query.params).toEqual(values.flatMap((value, i) => [`p${i}`, value]));
  });

  it('says when it asks for beginnings, of which Search looks at a limited number', () => {
    expect(filters.queryOf(not({ tenant: startsWith('ab') })).hasPrefix).toBe(true);
    expect(filters.queryOf({ tenant: 'ab' }).hasPrefix).toBe(false);
    expect(filters.queryOf(and({ tenant: startsWith('ab') }, or())).hasPrefix).toBe(false);
  });

  it('names the session fields that decide', () => {
    const filter = and({ tenant: 'a', userId: 'b' }, not(or({ views: 1 }, { ip: 'c' })));
    expect([...filters.sourcesOf(filter)].toSorted()).toEqual(['tenant', 'views']);
  });
});

interface Holds {
  readonly tenant: string | undefined;
  readonly labels: readonly string[];
  readonly views: number | undefined;
  readonly note: string | undefined;
  readonly userId: string | undefined;
}

function recordOf({ userId, ...fields }: Holds): SessionRecord {
  const texts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, JSON.stringify(value)] as const);
  return {
    id: 'A'.repeat(32) as SessionId,
    createdAt: 1000,
    lastSeenAt: 1000,
    idleSeconds: 60,
    deadlineAt: 100_000,
    userId,
    authenticatedAt: userId === undefined ? undefined : 1000,
    isRemembered: false,
    tokenAt: 1000,
    formerId: undefined,
    device: { address: undefined, agent: undefined },
    fields: new Map(texts),
  };
}

const word = fc.constantFrom('a', 'b', 'aa', 'ab', 'A', '', ' ');
const number = fc.integer({ min: -2, max: 4 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const holds: fc.Arbitrary<Holds> = fc.record({
  tenant: maybe(word),
  labels: fc.array(word, { maxLength: 3 }),
  views: maybe(number),
  note: maybe(fc.array(word, { maxLength: 3 }).map((words) => words.join(' '))),
  userId: maybe(fc.constantFrom('alice', 'bob')),
});

/** A filter, and the same in plain words of the language. */
type Both = readonly [filter: object, isSo: (session: Holds) => boolean];

const leaf: fc.Arbitrary<Both> = fc.oneof(
  fc.constant<Both>([{}, () => true]),
  word.map((a): Both => [{ tenant: a }, ({ tenant }) => tenant === a]),
  fc
    .array(word, { maxLength: 3 })
    .map((all): Both => [
      { tenant: oneOf(...all) },
      ({ tenant }) => (all as readonly unknown[]).includes(tenant),
    ]),
  word.map((a): Both => [{ labels: has(a) }, ({ labels }) => labels.includes(a)]),
  fc.constant<Both>([
    { tenant: startsWith('aa') },
    ({ tenant }) => tenant?.startsWith('aa') === true,
  ]),
  number.map((n): Both => [{ views: n }, ({ views }) => views === n]),
  number.map((n): Both => [{ views: below(n) }, ({ views }) => views !== undefined && views < n]),
  fc
    .tuple(number, number)
    .map(([from, to]): Both => [
      { views: between(from, to) },
      ({ views }) => views !== undefined && views >= from && views <= to,
    ]),
  fc.constant<Both>([
    { note: matches('A') },
    ({ note }) => note?.toLowerCase().split(' ').includes('a') === true,
  ]),
  fc.constant<Both>([{ userId: 'alice' }, ({ userId }) => userId === 'alice']),
  fc
    .tuple(word, number)
    .map(([a, n]): Both => [
      { tenant: a, views: atLeast(n) },
      ({ tenant, views }) => tenant === a && views !== undefined && views >= n,
    ]),
);

const { tree } = fc.letrec<{ tree: Both }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .array(tie('tree'), { maxLength: 3 })
      .map((all): Both => [and(...all.map(([f]) => f)), (s) => all.every(([, isSo]) => isSo(s))]),
    fc
      .array(tie('tree'), { maxLength: 3 })
      .map((all): Both => [or(...all.map(([f]) => f)), (s) => all.some(([, isSo]) => isSo(s))]),
    tie('tree').map(([filter, isSo]): Both => [not(filter), (session) => !isSo(session)]),
  ),
}));

describe('a filter as a question to a session at hand', () => {
  it('means what it says, however it is put together', () => {
    fc.assert(
      fc.property(tree, holds, ([filter, isSo], session) => {
        expect(filters.matches(filter, recordOf(session))).toBe(isSo(session));
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with the question to Search where that is decided without looking', () => {
    fc.assert(
      fc.property(tree, holds, ([filter], session) => {
        const { text } = filters.queryOf(filter);
        const isSo = filters.matches(filter, recordOf(session));
        const isDecided = text === EVERYTHING || text === NOTHING;
        expect(isDecided ? text : isSo).toBe(isDecided ? (isSo ? EVERYTHING : NOTHING) : isSo);
      }),
      { numRuns: 2000 },
    );
  });
});
