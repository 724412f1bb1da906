import { type Session, tag } from 'nestjs-redis-session';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { SearchedSite, useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();
const MANY = 60;

describeWithSearch('sessions that cannot be read, among many', () => {
  const used = useSearchedSite({ maxFieldBytes: 2000 });
  const search = () => used.site.search;
  const spoil = (id: SessionId, field: string, text: string) =>
    used.redis.client.hset(used.site.keyOfSession(id), field, text);
  let tests = 0;
  let user: string;
  let ids: SessionId[];
  let odd: Record<'layout' | 'foreign' | 'text' | 'number' | 'full', SessionId>;
  beforeEach(async () => {
    // One for each test: a busy process cannot tell a sign-in from a sign-out everywhere of a few milliseconds before, and refuses it.
    user = `ana-${++tests}`;
    ids = await used.site.beginMany(
      MANY,
      (i) => ({ tenant: 'acme', views: i }),
      () => user,
    );
    const [layout, foreign, text, number, full] = [5, 15, 25, 35, 45].map((i) => ids[i]!);
    odd = { layout: layout!, foreign: foreign!, text: text!, number: number!, full: full! };
    await spoil(odd.layout, '~v', '2');
    await spoil(odd.foreign, '~until', 'Infinity');
    await spoil(odd.text, 'note', 'no JSON');
    await spoil(odd.number, 'views', '"many"');
    await spoil(odd.full, 'note', JSON.stringify('x'.repeat(1990)));
  });
  afterEach(() => used.site.service.revokeAllOfUser(user));

  it('are left out of pages, streams and lists, and the others are there', async () => {
    const { sessions } = await search().find({ tenant: 'acme' }, { pageSize: MANY });
    expect(sessions).toHaveLength(MANY - 2);
    const spoilt = sessions.find(({ id }) => id === odd.text)!;
    expect(spoilt).toMatchObject({ data: { tenant: 'acme' }, unreadableFields: ['note'] });
    let streamed = 0;
    for await (const { id } of search().stream({ tenant: 'acme' })) streamed += id ? 1 : 0;
    expect(streamed).toBe(MANY - 2);
    expect(await used.site.service.listByUser(user)).toHaveLength(MANY - 2);
  });

  it('do not keep updateWhere() from the others, and are counted', async () => {
    const lengthen = (session: Session) => {
      session.update('note', (note = '') => `${note}0123456789`);
      session.increment('views');
    };
    const result = await search().updateWhere({ tenant: 'acme' }, lengthen);
    // The one that is no whole session is removed when it is read, as if it had expired.
    expect(result).toEqual({
      found: MANY,
      changed: MANY - 5,
      contested: 0,
      failed: 4,
      isComplete: true,
    });
    expect((await used.site.service.find(odd.full))?.data.note).toHaveLength(1990);
    const { data } = (await used.site.service.find(ids[0]!))!;
    expect(data).toMatchObject({ note: '0123456789', views: 1 });
  });

  it('do not keep revokeWhere() from the others', async () => {
    expect(await search().revokeWhere({ tenant: 'acme' })).toMatchObject({
      found: MANY,
      changed: MANY - 2,
      failed: 1,
    });
    const left = await used.redis.client.exists(ids.map((id) => used.site.keyOfSession(id)));
    expect(left).toBe(1);
    expect(await used.site.service.revoke(odd.layout)).toBe(true);
  });

  it('are refused before the first session if no session could hold a value', async () => {
    const changes = { note: 'x'.repeat(2001), tenant: 'moved' };
    await expect(search().updateWhere({}, changes)).rejects.toMatchObject({
      code: 'SESSION_TOO_LARGE',
    });
    expect(await search().count({ tenant: 'moved' })).toBe(0);
  });

  it('do not keep an index from being filled', async () => {
    const { keyPrefix } = used.site;
    const index = { tenant: tag('tenant') };
    const next = await SearchedSite.open<typeof index>(used.redis, { keyPrefix, index });
    defer(() => next.close());
    // By the document that the session of another layout had before.
    expect(await next.search.count({ tenant: 'acme' })).toBe(MANY - 1);
    expect(await next.idsOf({ tenant: 'acme' })).toHaveLength(MANY - 2);
  });
});
