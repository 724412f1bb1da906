import { has, not, type SessionError, tag, tags } from 'nestjs-redis-session';
import { Actor } from './support/actor.js';
import { useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

describeWithSearch('what SessionSearch lists', () => {
  const used = useSearchedSite({ touchIntervalSeconds: 0 });
  const errorOf = (act: Promise<unknown>) =>
    act.then(
      () => undefined,
      (error: SessionError) => error,
    );

  it('is the session as it is now, with the moment of its last request', async () => {
    const visitor = new Actor(used.site);
    const id = await visitor.act({ signIn: 'alice', set: { tenant: 'now', count: 3 } });
    const [before] = (await used.site.search.find({ tenant: 'now' })).sessions;
    const hash = await used.redis.client.hgetall(used.site.keyOfSession(id));
    expect(before).toMatchObject({
      id,
      userId: 'alice',
      createdAt: new Date(Number(hash['~created'])),
      lastSeenAt: new Date(Number(hash['~seen'])),
      address: hash['~ip'],
      data: { tenant: 'now', count: 3 },
    });
    expect(before!.expiresAt.getTime()).toBeGreaterThan(before!.lastSeenAt.getTime());
    await used.site.service.update(id, { count: 4 });
    await visitor.get('look');
    await used.site.service.ping();
    const [after] = (await used.site.search.find({ tenant: 'now' })).sessions;
    expect(after!.lastSeenAt.getTime()).toBeGreaterThan(before!.lastSeenAt.getTime());
    expect(after!.data).toMatchObject({ count: 4 });
    expect(JSON.stringify(after)).not.toContain(visitor.jar.cookies.get('id'));
  });

  it('never is a session that has ended, though its document was left', async () => {
    const [gone, there] = [
      await used.site.begin({ tenant: 'left' }),
      await used.site.begin({ tenant: 'left' }),
    ];
    await used.redis.client.del(used.site.keyOfSession(gone));
    const { sessions, total } = await used.site.search.find({ tenant: 'left' });
    expect(sessions.map(({ id }) => id)).toEqual([there]);
    // By the index alone, which is what counting goes by.
    expect(total).toBe(2);
    const streamed: string[] = [];
    for await (const { id } of used.site.search.stream({ tenant: 'left' })) streamed.push(id);
    expect(streamed).toEqual([there]);
    expect(await used.site.search.updateWhere({ tenant: 'left' }, { note: 'x' })).toMatchObject({
      found: 2,
      changed: 1,
    });
    expect(await used.redis.client.exists(used.site.keyOfSession(gone))).toBe(0);
  });

  it('never is a session that does not meet the filter any more', async () => {
    const id = await used.site.begin({ tenant: 'old', lines: [{ sku: 'tea', quantity: 1 }] });
    await used.redis.client.hset(used.site.keyOfSession(id), 'tenant', '"new"', 'lines', '[]');
    expect(await used.site.idsOf({ tenant: 'old' })).toEqual([]);
    expect(await used.site.idsOf({ products: has('tea') })).toEqual([]);
    expect(await used.site.idsOf({ userId: 'nobody' })).toEqual([]);
    expect(await used.site.search.revokeWhere({ tenant: 'old' })).toEqual({
      found: 1,
      changed: 0,
      contested: 0,
      failed: 0,
      isComplete: true,
    });
    expect(await used.site.service.find(id)).toBeDefined();
  });

  it('may be cut to pages of 1 to 1,000, within the first 10,000', async () => {
    for (const options of [
      { page: 0 },
      { page: 1.5 },
      { pageSize: 0 },
      { pageSize: 1001 },
      { pageSize: 1000, page: 11 },
      { page: '1' as never },
      { page: Number.NaN },
    ]) {
      expect(await errorOf(used.site.search.find({}, options))).toMatchObject({
        code: 'SESSION_STATE',
      });
    }
    expect((await used.site.search.find({}, { pageSize: 1000, page: 10 })).sessions).toEqual([]);
  });

  it('is sorted by and counted by what can be', async () => {
    const by = (name: string) =>
      errorOf(used.site.search.find({}, { sort: { by: name as never } }));
    expect(String(await by('products'))).toContain('cannot be sorted by "products"');
    expect(String(await by('lastSeenAt'))).toContain('every hit carries it');
    expect(String(await by('nothing'))).toContain('there is no index field "nothing"');
    const counted = await errorOf(used.site.search.countBy('views' as never));
    expect(counted).toMatchObject({ code: 'SESSION_STATE' });
    expect(String(await errorOf(used.site.search.countBy('nothing' as never)))).toContain(
      'there is no index field "nothing"',
    );
  });

  it('comes in an order that is up or down, and nothing else', async () => {
    const order = 'asc LIMIT 0 0' as never;
    const found = await errorOf(used.site.search.find({}, { sort: { by: 'views', order } }));
    expect(found).toMatchObject({ code: 'SESSION_STATE' });
  });
});

const oddlyNamed = {
  sessions: tag('tenant'),
  one_of_several_tags: tags('labels'),
  AS: tag('note'),
  SORTABLE: tag('tenant'),
  extra_attributes: tag('tenant'),
  score: tag('tenant'),
  key: tags('labels'),
  constructor: tag('tenant'),
  toString: tags('labels'),
};

describeWithSearch('an index field', () => {
  const used = useSearchedSite<typeof oddlyNamed>({ index: oddlyNamed });

  it.each(Object.keys(oddlyNamed) as (keyof typeof oddlyNamed)[])(
    'may be called %s',
    async (name) => {
      const { site } = used;
      await site.search.revokeWhere({});
      const id = await site.begin({ tenant: 'x', labels: ['x', 'y'], note: 'x' });
      const other = await site.begin({});
      expect(await site.idsOf({ [name]: has('x') } as never)).toEqual([id]);
      expect(await site.idsOf(not({ [name]: has('x') } as never))).toEqual([other]);
      const counts = await site.search.countBy(name);
      expect(counts.get('x')).toBe(1);
      expect([...counts.values()].every((count) => count === 1)).toBe(true);
    },
  );
});
