import { SessionSearch, tag } from 'nestjs-redis-session';
import { type Finding, SessionDoctor } from 'nestjs-redis-session/doctor';
import { SearchedSite, useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

async function findingsOn(check: string, doctor: SessionDoctor): Promise<Finding[]> {
  return (await doctor.examine()).filter((finding) => finding.check === check);
}

describeWithSearch('the doctor, where sessions can be searched', () => {
  const used = useSearchedSite();
  const indexes = (keyPrefix = used.site.keyPrefix) =>
    findingsOn('search index', new SessionDoctor(used.redis.client, keyPrefix));
  const version = async () => (await used.site.search.status()).version;
  const stateKey = async () => `${used.site.keyPrefix}session-index-state:${await version()}`;

  it('finds an index that is full', async () => {
    await used.site.begin({ tenant: 'acme' });
    expect(await indexes()).toEqual([
      {
        check: 'search index',
        severity: 'ok',
        finding: `${await version()}: full, 1 documents`,
        advice: '',
      },
    ]);
  });

  it('says nothing of an index where there is none, or only that of others', async () => {
    expect(await indexes('nobody:')).toEqual([]);
    expect(await indexes('')).toEqual([]);
  });

  it('changes nothing', async () => {
    const { client } = used.redis;
    const before = await client.call('DEBUG', 'DIGEST').catch(() => client.dbsize());
    await indexes();
    expect(await client.call('DEBUG', 'DIGEST').catch(() => client.dbsize())).toEqual(before);
  });

  it('finds an index that is not full yet, and says how far it is', async () => {
    const key = await stateKey();
    await used.redis.client.hset(key, 'complete', '', 'done', '43', 'total', '100');
    const [finding] = await indexes();
    await used.redis.client.hset(key, 'complete', '1');
    expect(finding).toMatchObject({ severity: 'warning' });
    expect(finding!.finding).toMatch(/filled to 43 %: until it is full/);
  });

  it('finds documents that could not be indexed', async () => {
    const id = await used.site.begin({ views: 3 });
    const document = used.site.keyOfDocument(id);
    const fields = await used.redis.client.hkeys(document);
    const views = fields.find((field) => field.startsWith('views'))!;
    await used.redis.client.hset(document, views, 'not a number');
    const [finding] = await indexes();
    expect(finding).toMatchObject({ severity: 'warning' });
    expect(finding!.finding).toMatch(/: \d+ times a document could not be indexed/);
  });
});

describeWithSearch('the doctor, where two versions of an application are live', () => {
  const used = useSearchedSite();

  it('counts the indexes, and notices when the alias leads to none of them', async () => {
    const { redis, site } = used;
    const { keyPrefix } = site;
    const indexes = () => findingsOn('search index', new SessionDoctor(redis.client, keyPrefix));
    const next = await SearchedSite.open(redis, { keyPrefix, index: {} });
    defer(() => next.close());
    expect((await indexes()).map(({ severity, finding }) => [severity, finding])).toEqual([
      ['ok', expect.stringMatching(/full, 0 documents/)],
      ['ok', expect.stringMatching(/full, 0 documents/)],
      ['note', '2 versions, as during a rollout'],
    ]);
    await redis.client.call('FT.ALIASDEL', `${keyPrefix}session-index`);
    expect((await indexes()).at(-1)!.finding).toMatch(/; the alias session-index leads to none/);
  });

  it('finds an index that no instance uses any more', async () => {
    const { redis, site } = used;
    const { version } = await site.site.app.get(SessionSearch).status();
    const key = `${site.keyPrefix}session-index-state:${version}`;
    await redis.client.hset(key, 'usedAt', Date.now() - 600_000);
    const doctor = new SessionDoctor(redis.client, site.keyPrefix);
    const notes = (await findingsOn('search index', doctor)).map(({ finding }) => finding);
    expect(notes).toContainEqual(`${version}: no instance has used it for 10 minutes`);
  });
});

describeWithSearch('the doctor, where two applications share a prefix', () => {
  const used = useSearchedSite();

  it('notices that both have used their index for long', async () => {
    const { redis, site } = used;
    const { keyPrefix } = site;
    const prefixes = () => findingsOn('key prefix', new SessionDoctor(redis.client, keyPrefix));
    const other = await SearchedSite.open(redis, { keyPrefix, index: { plan: tag('plan') } });
    defer(() => other.close());
    expect(await prefixes()).toEqual([]);
    for (const { search } of [site, other]) {
      const { version } = await search.status();
      const key = `${keyPrefix}session-index-state:${version}`;
      await redis.client.hset(key, 'complete', Date.now() - 7_200_000);
    }
    expect(await prefixes()).toMatchObject([
      {
        severity: 'warning',
        finding: expect.stringMatching(
          /^2 declarations of an index have been in use side by side for 1[12]\d minutes: /,
        ),
      },
    ]);
  });
});
