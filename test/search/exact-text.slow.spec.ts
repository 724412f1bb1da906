import { matches, not, oneOf, or, has, startsWith } from 'nestjs-redis-session';
import { SessionIndex } from '../../libs/session/src/core/session-index.js';
import { FilterReader } from '../../libs/session/src/search/filter-reader.js';
import { seed, times } from '../support/scale.js';
import { hostileTexts, randomFrom } from './support/hostile-text.js';
import { indexOfShop } from './support/index-of-shop.js';
import { useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

const LONG = 'long '.repeat(1000);
const TEXTS = [
  ['007', '7', '7.0', '1e5', '100000', 'inf', '-inf', '+inf', 'nan', '-7', '0x7', '٧'],
  ['', ' ', '  ', ' acme', 'acme ', ' acme ', 'acme', 'ac me', 'ac  me', '\tacme', 'acme\n'],
  ['ACME', 'Acme', 'grüße', 'GRÜSSE', 'grüsse', 'gru\u0308ße', 'İ', 'i', '😀', '😀😀', '漢字'],
  ['a,b', 'a', 'b', 'a-b', 'a_b', 'a.b', 'a|b', 'a;b', 'a\\b', 'a\\', '\\', '\\\\', 'a/b'],
  ['a\u001fb', '\u001f', 'a\u0000b', '\u0000', 'a\u0000', '\u007f', '\u00a0', 'a\u00a0'],
  ['%', '%%', '%20', '%25', '%#', 'a%#b', '%00', '*', '$p0', '@tenant', '{acme}', '"acme"'],
  ['null', 'true', 'false', 'undefined', '__proto__', 'constructor', '…'],
  [`${LONG}1`, `${LONG}2`, LONG, LONG.trim(), 'ü'.repeat(5000), `${'ü'.repeat(4999)}u`],
].flat();
/** Those of them that `startsWith` takes, and the beginnings of those that are too long for it. */
const BEGINNINGS = TEXTS.map((text) => text.slice(0, 256)).filter(({ length }) => length > 1);

describeWithSearch('a tag is exactly its text', () => {
  const used = useSearchedSite();
  const ids = new Map<string, string>();
  beforeAll(async () => {
    for (const text of TEXTS) {
      ids.set(text, await used.site.begin({ tenant: text, labels: [text, 'each'] }));
    }
  });

  it.each(TEXTS.map((text) => [JSON.stringify(text).slice(0, 40), text]))(
    '%s is found, and nothing else with it',
    async (_, text) => {
      const only = [ids.get(text)!];
      expect(await used.site.idsOf({ tenant: text })).toEqual(only);
      expect(await used.site.idsOf({ tenant: oneOf(text, 'not there') })).toEqual(only);
      expect(await used.site.idsOf({ labels: has(text) })).toEqual(only);
      expect(await used.site.search.count({ tenant: text })).toBe(1);
      expect(await used.site.search.count(not({ tenant: text }))).toBe(TEXTS.length - 1);
    },
  );

  it.each([...new Set(BEGINNINGS)].map((text) => [JSON.stringify(text).slice(0, 40), text]))(
    'startsWith() of %s finds what begins so, all of it and nothing else',
    async (_, start) => {
      const alike = TEXTS.filter((text) => text.startsWith(start)).map((text) => ids.get(text)!);
      expect(await used.site.idsOf({ tenant: startsWith(start) })).toEqual(alike.toSorted());
    },
  );

  it.each(['tenant', 'labels'] as const)('%s is counted by each text', async (field) => {
    const counts = await used.site.search.countBy(field);
    const short = TEXTS.filter((text) => text.length < 1000);
    for (const text of short) expect([text, counts.get(text)]).toEqual([text, 1]);
    expect(counts.get('each')).toBe(field === 'labels' ? TEXTS.length : undefined);
  });

  it('is counted once for each session, though of long texts only the beginning is told', async () => {
    const counts = await used.site.search.countBy('tenant');
    const long = [...counts].filter(([text]) => text.length >= 256);
    expect(long.every(([text]) => text.endsWith('…'))).toBe(true);
    const sum = [...counts.values()].reduce((all, count) => all + count, 0);
    expect(sum).toBe(TEXTS.length);
  });
});

const STRINGS = times(5_000, 100_000);
const ROUND_TRIPS = times(1_000, 20_000);

describe(`the text of a query (TEST_SEED=${seed})`, () => {
  it(`is the same for ${STRINGS} hostile texts, and holds no value`, () => {
    const filters = new FilterReader(new SessionIndex(indexOfShop));
    const shapes = new Set<string>();
    for (const text of hostileTexts(STRINGS, randomFrom(seed))) {
      const { text: query, params } = filters.queryOf(
        or(
          { tenant: text, labels: has(text), userId: oneOf(text, 'alice') },
          not({ ip: startsWith(`${text}..`) }),
        ),
      );
      shapes.add(query);
      if (params.length !== 10) throw new Error(`Other values for ${JSON.stringify(text)}.`);
    }
    expect([...shapes]).toEqual([
      '((@tenant:{$p0}) (@labels:{$p1}) (@userId:{$p2 | $p3})) | (-((@ip:{$p4*})))',
    ]);
  });

  it('holds nothing of the words of a text but how many they are', () => {
    const filters = new FilterReader(new SessionIndex(indexOfShop));
    for (const text of hostileTexts(STRINGS, randomFrom(seed + 1))) {
      const { text: query } = filters.queryOf({ note: matches(text) });
      if (/^(\((@note:\(\$p\d+\) ?)+\)|@createdAt:\[1 0\])$/.test(query)) continue;
      throw new Error(`${JSON.stringify({ seed, text })} became ${query}`);
    }
    expect(filters.queryOf({ note: matches('') }).text).toBe('@createdAt:[1 0]');
  });
});

describeWithSearch(`tenants with hostile names (TEST_SEED=${seed})`, () => {
  const used = useSearchedSite({ storeTimeoutMs: 30_000 });

  it(`never see each other's sessions, in ${ROUND_TRIPS} questions to Search`, async () => {
    const { site } = used;
    const tenants = hostileTexts(ROUND_TRIPS, randomFrom(seed));
    const ids = await site.beginMany(ROUND_TRIPS, (i) => ({
      tenant: tenants[i]!,
      labels: [tenants[i]!],
    }));
    const wrong: string[] = [];
    const ask = async (i: number) => {
      const tenant = tenants[i]!;
      const filter = i % 2 === 0 ? { tenant } : { labels: has(tenant) };
      const { sessions, total } = await site.search.find(filter, { pageSize: 2 });
      if (total !== 1 || sessions[0]?.id !== ids[i]) wrong.push(JSON.stringify({ tenant, total }));
    };
    for (let at = 0; at < ROUND_TRIPS; at += 200) {
      await Promise.all(Array.from({ length: 200 }, (_, i) => ask(at + i)));
    }
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
    const counts = await site.search.countBy('tenant');
    expect(counts.size).toBe(ROUND_TRIPS);
    expect(tenants.filter((tenant) => counts.get(tenant) !== 1)).toEqual([]);
  }, 120_000);

  it('find a text by its own words', async () => {
    const { site } = used;
    const notes = hostileTexts(2000, randomFrom(seed + 2)).filter((text) =>
      /[\p{L}\p{N}]/u.test(text),
    );
    const ids = await site.beginMany(notes.length, (i) => ({ note: notes[i]!, views: i }));
    const filters = new FilterReader(new SessionIndex(indexOfShop));
    const wrong: string[] = [];
    const ask = async (note: string, i: number) => {
      if (filters.queryOf({ note: matches(note) }).params.length === 0) return;
      const [found] = await site.idsOf({ note: matches(note), views: i });
      if (found !== ids[i]) wrong.push(note);
    };
    for (let at = 0; at < notes.length; at += 100) {
      await Promise.all(notes.slice(at, at + 100).map((note, i) => ask(note, at + i)));
    }
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
  }, 120_000);
});
