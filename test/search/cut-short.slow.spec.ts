import { atLeast, not, type SessionError, startsWith } from 'nestjs-redis-session';
import { openConnection } from '../../libs/session/src/redis/open-connection.js';
import { RedisSearchEngine } from '../../libs/session/src/redis/search/redis-search-engine.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { writeDocuments } from './support/documents.js';
import { openCursors } from './support/open-cursors.js';
import { SearchedSite, useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';
import { useCleanup } from '../support/cleanup.js';
import { times } from '../support/scale.js';

const defer = useCleanup();

const DOCUMENTS = times(60_000, 300_000);
const EVERYTHING = { text: '*', params: [], hasPrefix: false };
const BY_NUMBER = { offset: 0, size: 10, sort: { by: 'views', order: 'desc' } } as const;

/** Search that is given a moment, asked by a client that has time: what it then says is what is looked at. */
async function hurriedEngine(url: string, keyPrefix: string) {
  const connection = await openConnection(
    new SessionSettings({ redis: url, storeTimeoutMs: 30_000 }),
  );
  const settings = new SessionSettings({ redis: url, keyPrefix, searchTimeoutMs: 1 });
  return { engine: new RedisSearchEngine(connection, settings), close: () => connection.close() };
}

describeWithSearch('an answer that is cut short by the time limit', () => {
  const used = useSearchedSite({ storeTimeoutMs: 30_000 });
  beforeAll(() => writeDocuments(used.redis, used.site, DOCUMENTS), 120_000);

  it('is whole where there is time', async () => {
    const { search } = used.site;
    expect(await search.count()).toBe(DOCUMENTS);
    expect((await search.find({}, { sort: { by: 'views' } })).total).toBe(DOCUMENTS);
    expect((await search.countBy('tenant')).size).toBe(7919);
    expect(await search.countBy('labels')).toEqual(
      new Map([
        ['each', DOCUMENTS],
        ...Array.from({ length: 100 }, (_, i): [string, number] => [`of-${i}`, DOCUMENTS / 100]),
      ]),
    );
  });

  it('is not needed by countBy(), which lets other commands pass again and again', async () => {
    const count = { isDone: false };
    let passed = 0;
    const others = (async () => {
      for (; !count.isDone; passed++) await used.redis.client.ping();
    })();
    await used.site.search.countBy('tenant');
    count.isDone = true;
    await others;
    // One piece is a thousand sessions.
    expect(passed).toBeGreaterThan(DOCUMENTS / 1000 / 4);
  });

  it('is an error, and leaves no cursor', async () => {
    const { version } = await used.site.search.status();
    const { engine, close } = await hurriedEngine(used.redis.url, used.site.keyPrefix);
    const acts: Record<string, () => Promise<unknown>> = {
      sorted: () => engine.find(version, EVERYTHING, BY_NUMBER),
      'by tag': () => engine.countBy(version, EVERYTHING, 'tenant'),
      'by several tags': () => engine.countBy(version, EVERYTHING, 'labels'),
    };
    const said: [name: string, code: unknown, cursors: number][] = [];
    for (const [name, act] of Object.entries(acts)) {
      const answer = await act().catch(({ code }: SessionError) => code);
      said.push([name, answer, await openCursors(used.redis, used.site)]);
    }
    await close();
    expect(said).toEqual(Object.keys(acts).map((name) => [name, 'SESSION_SEARCH', 0]));
  });

  it('is never given as a whole one, however short the limit', async () => {
    const codes: string[] = [];
    for (const searchTimeoutMs of [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]) {
      const options = { keyPrefix: used.site.keyPrefix, prepareIndexAtStart: false };
      const hurried = await SearchedSite.start(used.redis, { ...options, searchTimeoutMs });
      defer(() => hurried.close());
      const { search } = hurried;
      const wrong: unknown[] = [];
      const check = async (right: number, ask: () => Promise<number>) => {
        const answer = await ask().catch((error: SessionError) => void codes.push(error.code));
        if (answer !== undefined && answer !== right)
          wrong.push({ searchTimeoutMs, answer, right });
      };
      for (let round = 0; round < times(2, 5); round++) {
        await check(DOCUMENTS, () => search.count());
        await check(DOCUMENTS - 10, () => search.count({ views: atLeast(11) }));
        await check(DOCUMENTS - 10, () =>
          search.count(not({ views: 7, createdAt: atLeast(7) })).then((n) => n - 9),
        );
        await check(
          DOCUMENTS,
          async () => (await search.find({}, { sort: { by: 'views' } })).total,
        );
        // A command for each of 7919 tags.
        if (round === 0) await check(7919, async () => (await search.countBy('tenant')).size);
        await check(DOCUMENTS, async () => (await search.countBy('labels')).get('each') ?? 0);
      }
      expect(wrong).toEqual([]);
    }
    // Of Search's limit and the connection's, which are one, either may be noticed first.
    expect(['SESSION_SEARCH', 'SESSION_STORE']).toEqual(
      expect.arrayContaining([...new Set(codes)]),
    );
    expect(codes.length).toBeGreaterThan(10);
    // Questions that were given up are answered all the same, before the next test begins.
    await used.site.search.count();
  }, 120_000);
});

describeWithSearch('a beginning that many tags have', () => {
  const used = useSearchedSite({ storeTimeoutMs: 30_000 });
  const tenant = (i: number) => `many-${String(i).padStart(4, '0')}`;

  it('is an error when Search does not look at all of them', async () => {
    const { search } = used.site;
    const filter = { tenant: startsWith('many-') };
    await used.site.beginMany(199, (i) => ({ tenant: tenant(i) }));
    expect(await search.count(filter)).toBe(199);
    expect((await search.countBy('tenant', filter)).size).toBe(199);
    const [last] = await used.site.beginMany(2, (i) => ({ tenant: tenant(201 - i) }));
    const acts: Record<string, () => Promise<unknown>> = {
      find: () => search.find(filter),
      count: () => search.count(filter),
      countBy: () => search.countBy('tenant', filter),
      stream: () => search.stream(filter).next(),
      revokeWhere: () => search.revokeWhere(filter),
      updateWhere: () => search.updateWhere(filter, { note: 'x' }),
      'not()': () => search.count(not(filter)),
    };
    for (const [name, act] of Object.entries(acts)) {
      const answer = await act().catch((error: unknown) => error);
      expect([name, answer]).toEqual([name, expect.objectContaining({ code: 'SESSION_SEARCH' })]);
      expect(String(answer)).toContain('MAXEXPANSIONS');
    }
    expect(await used.site.idsOf({ tenant: startsWith('many-0201') })).toEqual([last]);
    expect(await search.count({ tenant: startsWith('many-00') })).toBe(100);
    expect(await search.count()).toBe(201);
  });
});
