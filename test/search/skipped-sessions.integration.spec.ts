import { randomUUID } from 'node:crypto';
import { SessionError, tag } from 'nestjs-redis-session';
import { SessionDoctor } from 'nestjs-redis-session/doctor';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { IndexKeeper } from '../../libs/session/src/search/index-keeper.js';
import { useCleanup } from '../support/cleanup.js';
import { useRedis } from '../support/redis.js';
import { SearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

const MANY = 40;
const NONE = { unreadable: 0, refused: 0, contested: 0 };
const index = {
  tenant: tag('tenant'),
  mood: tag('views', (views) => {
    if (views === 7) throw new Error('unlucky');
    return 'calm';
  }),
};

describeWithSearch('an index that is filled where some sessions cannot be brought in', () => {
  const redis = useRedis();
  const defer = useCleanup();
  let keyPrefix: string;
  let next: SearchedSite<typeof index>;
  let ids: SessionId[];
  beforeEach(async () => {
    keyPrefix = `${randomUUID().slice(0, 8)}:`;
    const before = await SearchedSite.start<never>(redis, { keyPrefix, index: undefined as never });
    defer(() => before.close());
    ids = await before.beginMany(MANY, (views) => ({ tenant: 'acme', views }));
    next = await SearchedSite.start(redis, { keyPrefix, index, prepareIndexAtStart: false });
    defer(() => next.close());
  });

  const keyOf = (i: number) => next.keyOfSession(ids[i]!);
  const mark = (i: number, layout: string) => redis.client.hset(keyOf(i), '~v', layout);
  const oneMinuteLater = () => next.site.app.get(IndexKeeper).beat();
  const skipped = async () => (await next.search.status()).skipped;
  const count = () => next.search.count({ tenant: 'acme' });

  /** No session can be made that Redis refuses, so the refusal is made. @returns what ends it. */
  const refuse = (id: SessionId, error: SessionError) => {
    const { repository } = next;
    const reindex = repository.reindex.bind(repository);
    repository.reindex = (other) => (other === id ? Promise.reject(error) : reindex(other));
    return () => (repository.reindex = reindex);
  };

  it('holds all others, and says how many it has skipped, and why', async () => {
    await mark(3, '2');
    await redis.client.hset(keyOf(4), 'note', 'no JSON');
    await redis.client.del(keyOf(5));
    await redis.client.set(keyOf(5), 'no hash', 'EX', 600);
    await redis.client.set(next.keyOfDocument(ids[6]!), 'no hash', 'EX', 600);
    refuse(ids[8]!, new SessionError('SESSION_FORMAT', 'Redis refused it.'));
    await next.search.prepare();
    expect(await next.search.status()).toMatchObject({
      isComplete: true,
      skipped: { unreadable: 1, refused: 1, contested: 0 },
    });
    expect(await count()).toBe(MANY - 3);
    // Of the one whose function throws only that field is missing.
    expect(await next.search.count({ tenant: 'acme', mood: 'calm' })).toBe(MANY - 4);
  });

  it('is known to other instances, and to the doctor', async () => {
    await mark(3, '2');
    await next.search.prepare();
    const other = await SearchedSite.open(redis, { keyPrefix, index });
    defer(() => other.close());
    expect((await other.search.status()).skipped).toEqual({ ...NONE, unreadable: 1 });
    const findings = await new SessionDoctor(redis.client, keyPrefix).examine();
    const [found] = findings.filter(({ check }) => check === 'search index');
    expect(found).toMatchObject({ severity: 'warning' });
    expect(found!.finding).toContain(
      '1 session is not in the index (1 written by another version of nestjs-redis-session)',
    );
  });

  it('brings them in a minute after they can be', async () => {
    await mark(3, '2');
    const accept = refuse(ids[8]!, new SessionError('SESSION_FORMAT', 'Redis refused it.'));
    await next.search.prepare();
    await oneMinuteLater();
    expect(await skipped()).toEqual({ unreadable: 1, refused: 1, contested: 0 });
    await mark(3, '1');
    accept();
    await oneMinuteLater();
    expect(await skipped()).toEqual(NONE);
    expect(await count()).toBe(MANY);
  });

  it('tries again before it is full', async () => {
    const accept = refuse(ids[8]!, new SessionError('SESSION_FORMAT', 'Redis refused it.'));
    await next.search.prepare({ onProgress: ({ done, total }) => done === total && accept() });
    expect(await skipped()).toEqual(NONE);
    expect(await count()).toBe(MANY);
  });

  it('is not full where Redis refuses any session', async () => {
    const away = new SessionError('SESSION_STORE', 'Redis refused: READONLY.');
    const accept = refuse(ids[8]!, away);
    await expect(next.search.prepare()).rejects.toBe(away);
    expect(await next.search.status()).toMatchObject({ isComplete: false, skipped: NONE });
    accept();
    await next.search.prepare();
    expect(await count()).toBe(MANY);
  });

  it('is asked once for each question, though a session stays out of date', async () => {
    await next.search.prepare();
    await redis.client.hset(next.keyOfDocument(ids[3]!), 'indexedFor', 'another');
    await mark(3, '2');
    await next.search.countBy('tenant');
    await redis.client.config('RESETSTAT');
    for (let i = 0; i < 3; i++) await next.search.countBy('tenant');
    const stats = await redis.client.info('commandstats');
    expect(/cmdstat_FT\.AGGREGATE:calls=(\d+)/i.exec(stats)?.[1]).toBe('3');
  });
});
