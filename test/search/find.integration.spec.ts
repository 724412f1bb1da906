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
  type SessionFilter,
  startsWith,
} from 'nestjs-redis-session';
import { CLIENTS } from './support/clients.js';
import type { IndexOfShop } from './support/index-of-shop.js';
import { useSearchedSite } from './support/searched-site.js';
import { openCursors } from './support/open-cursors.js';
import { describeWithSearch } from './support/with-search.js';

type Name = 'acme' | 'globex' | 'guest' | 'bare';
type Filter = SessionFilter<IndexOfShop>;

/** Which of the four sessions each filter finds. */
const CASES: readonly (readonly [says: string, filter: Filter, found: readonly Name[]])[] = [
  ['{}', {}, ['acme', 'globex', 'guest', 'bare']],
  ['a tag', { tenant: 'acme' }, ['acme']],
  ['a tag in other letters', { tenant: 'ACME' }, []],
  ['a boolean', { isBeta: true }, ['acme']],
  ['false, which is not absent', { isBeta: false }, ['globex']],
  ['oneOf() tags', { tenant: oneOf('acme', 'globex', 'initech') }, ['acme', 'globex']],
  ['oneOf() nothing', { tenant: oneOf() }, []],
  ['not oneOf() nothing', not({ tenant: oneOf() }), ['acme', 'globex', 'guest', 'bare']],
  ['oneOf() a thousand', { tenant: oneOf(...thousand(), 'acme') }, ['acme']],
  ['startsWith() on a tag', { tenant: startsWith('ac') }, ['acme']],
  ['startsWith() a whole tag', { tenant: startsWith('globex') }, ['globex']],
  ['startsWith() on tags', { products: startsWith('te') }, ['acme', 'globex']],
  ['startsWith() a blank', { labels: startsWith('big ') }, ['acme']],
  ['has()', { products: has('tea') }, ['acme', 'globex']],
  ['has() nothing that there is', { products: has('te') }, []],
  ['oneOf() on tags', { products: oneOf('mug', 'pen') }, ['acme', 'guest']],
  ['a tag that a function made', { mood: 'busy' }, ['globex']],
  ['a number', { views: 3 }, ['acme']],
  ['oneOf() numbers', { views: oneOf(3, 12, 99) }, ['acme', 'globex']],
  ['oneOf() no numbers', { views: oneOf() }, []],
  ['between(), both ends with it', { views: between(3, 12) }, ['acme', 'globex']],
  ['between() upside down', { views: between(12, 3) }, []],
  ['atLeast()', { views: atLeast(3.5) }, ['globex']],
  ['atMost()', { views: atMost(3) }, ['acme', 'guest']],
  ['below()', { views: below(3) }, ['guest']],
  ['atLeast(-Infinity): has any', { views: atLeast(-Infinity) }, ['acme', 'globex', 'guest']],
  ['a number below nought', { views: -1.5 }, ['guest']],
  ['a sum that a function made', { total: atLeast(3) }, ['acme']],
  ['matches() all words, in any order', { note: matches('BITTE Grüße') }, ['acme']],
  ['matches() a word', { note: matches('grüße') }, ['acme', 'globex']],
  ['matches() a part of a word', { note: matches('grüß') }, []],
  ['matches() no word at all', { note: matches(' ?! ') }, []],
  ['matches() a word that languages leave out', { note: matches('the') }, ['globex']],
  ['not matches()', not({ note: matches('grüße') }), ['guest', 'bare']],
  ['userId', { userId: 'alice' }, ['acme']],
  ['userId, one of several', { userId: oneOf('alice', 'bob') }, ['acme', 'globex']],
  ['ip', { ip: startsWith('10.0.') }, ['acme', 'globex']],
  ['signedInAt: the signed-in', { signedInAt: atLeast(new Date(0)) }, ['acme', 'globex']],
  ['not signedInAt: guests', not({ signedInAt: atLeast(0) }), ['guest', 'bare']],
  ['createdAt, in the future', { createdAt: atLeast(new Date(Date.now() + 1e7)) }, []],
  ['two fields', { tenant: 'acme', views: 3 }, ['acme']],
  ['two fields of two sessions', { tenant: 'acme', views: 12 }, []],
  ['and()', and({ products: has('tea') }, { views: atLeast(12) }), ['globex']],
  ['and() of nothing', and(), ['acme', 'globex', 'guest', 'bare']],
  ['or()', or({ tenant: 'acme' }, { views: below(0) }), ['acme', 'guest']],
  ['or() of nothing', or(), []],
  ['or() with {}', or({}, { tenant: 'acme' }), ['acme', 'globex', 'guest', 'bare']],
  ['not()', not({ products: has('tea') }), ['guest', 'bare']],
  ['not({})', not({}), []],
  ['not(not())', not(not({ tenant: 'acme' })), ['acme']],
  ['not() two fields', not({ products: has('tea'), views: 3 }), ['globex', 'guest', 'bare']],
  [
    'a tree',
    and(or({ tenant: 'acme' }, not({ views: atLeast(0) })), not({ userId: 'alice' })),
    ['guest', 'bare'],
  ],
];

function thousand(): string[] {
  return Array.from({ length: 999 }, (_, i) => `tenant-${i}`);
}

for (const [clientName, connect] of CLIENTS) {
  describeWithSearch(`SessionSearch over ${clientName}`, () => {
    let client: ReturnType<typeof connect>;
    const used = useSearchedSite((redis) => ({ redis: () => (client = connect(redis.url)) }));
    afterAll(() => client?.disconnect());
    const ids = {} as Record<Name, string>;
    beforeAll(async () => {
      const { site } = used;
      const tea = { sku: 'tea', quantity: 2 };
      ids.acme = await site.begin(
        {
          tenant: 'acme',
          isBeta: true,
          views: 3,
          lines: [tea, { sku: 'mug', quantity: 1 }],
          labels: ['big spender', 'new'],
          note: 'Grüße, bitte!',
        },
        'alice',
      );
      ids.globex = await site.begin(
        { tenant: 'globex', isBeta: false, views: 12, lines: [tea], note: 'The GRÜSSE Grüße' },
        'bob',
      );
      ids.guest = await site.begin({ views: -1.5, lines: [{ sku: 'pen', quantity: 0 }] });
      ids.bare = await site.begin({});
    });

    it.each(CASES)('%s', async (_, filter, found) => {
      const expected = found.map((name) => ids[name]).toSorted();
      const { sessions, total } = await used.site.search.find(filter);
      expect(sessions.map(({ id }) => id).toSorted()).toEqual(expected);
      expect(total).toBe(found.length);
      expect(await used.site.search.count(filter)).toBe(found.length);
      const streamed: string[] = [];
      for await (const { id } of used.site.search.stream(filter)) streamed.push(id);
      expect(streamed.toSorted()).toEqual(expected);
    });

    it('counts by a tag, by each of several, by user', async () => {
      const by = async (...args: Parameters<typeof used.site.search.countBy>) => [
        ...(await used.site.search.countBy(...args)),
      ];
      expect((await by('tenant')).toSorted()).toEqual([
        ['acme', 1],
        ['globex', 1],
      ]);
      expect(await by('products')).toEqual([
        ['tea', 2],
        expect.arrayContaining([1]),
        expect.arrayContaining([1]),
      ]);
      expect((await by('labels')).toSorted()).toEqual([
        ['big spender', 1],
        ['new', 1],
      ]);
      expect(await by('products', { tenant: 'globex' })).toEqual([['tea', 1]]);
      expect((await by('userId')).toSorted()).toEqual([
        ['alice', 1],
        ['bob', 1],
      ]);
      expect(await by('mood', { views: atLeast(3) })).toHaveLength(2);
      expect(await by('tenant', or())).toEqual([]);
    });

    it('pages through what is sorted, and says how many there are in all', async () => {
      const page = async (number: number, order?: 'asc' | 'desc') => {
        const sort = { by: 'views' as const, ...(order ? { order } : {}) };
        const filter = { views: atLeast(-Infinity) };
        const found = await used.site.search.find(filter, { page: number, pageSize: 2, sort });
        return { ...found, sessions: found.sessions.map(({ id }) => id) };
      };
      expect(await page(1)).toEqual({ sessions: [ids.guest, ids.acme], total: 3 });
      expect(await page(2)).toEqual({ sessions: [ids.globex], total: 3 });
      expect(await page(3)).toEqual({ sessions: [], total: 3 });
      expect((await page(1, 'desc')).sessions).toEqual([ids.globex, ids.acme]);
    });

    it('says how the index is', async () => {
      expect(await used.site.search.status()).toMatchObject({
        version: expect.stringMatching(/^[0-9a-f]{8}$/),
        isComplete: true,
        progress: 1,
        documents: 4,
        failures: 0,
        memoryBytes: expect.any(Number),
      });
      expect((await used.site.search.status()).memoryBytes).toBeGreaterThan(0);
    });

    it('streams 3,000 sessions once each, and leaves no cursor when it is stopped', async () => {
      const { site } = used;
      const many = await site.beginMany(3000, () => ({ tenant: 'many' }));
      const streamed: string[] = [];
      for await (const { id } of site.search.stream({ tenant: 'many' })) streamed.push(id);
      expect(streamed.toSorted()).toEqual(many.toSorted());
      expect(await openCursors(used.redis, site)).toBe(0);
      let seen = 0;
      for await (const _ of site.search.stream({ tenant: 'many' })) {
        if (++seen < 1250) continue;
        expect(await openCursors(used.redis, site)).toBe(1);
        break;
      }
      expect(seen).toBe(1250);
      expect(await openCursors(used.redis, site)).toBe(0);
      expect(await site.search.countBy('tenant', { tenant: 'many' })).toEqual(
        new Map([['many', 3000]]),
      );
    });
  });
}
