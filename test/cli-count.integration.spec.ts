import { SearchedSite, useSearchedSite } from './search/support/searched-site.js';
import { describeWithSearch } from './search/support/with-search.js';
import { useRedis } from './support/redis.js';
import { runCli } from './support/run-cli.js';

describeWithSearch('count, where an application declares an index', () => {
  const used = useSearchedSite();
  const count = (...args: string[]) =>
    runCli('count', used.redis.url, `--key-prefix=${used.site.keyPrefix}`, ...args);
  beforeAll(async () => {
    await used.site.begin({ tenant: 'acme', labels: ['a', 'b'], note: 'tea' }, 'alice');
    await used.site.begin({ tenant: 'acme', labels: ['b'] }, 'alice');
    await used.site.begin({ tenant: 'b\u001b[2J' });
    await used.site.begin({ views: 3 });
  });

  it('counts sessions by a tag, most first, and escapes what it prints', async () => {
    const { code, out, err } = await count('--by', 'tenant');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe('SESSIONS  tenant\n2         acme\n1         b\\x1b[2J\n');
  });

  it.each(['tenant', 'labels', 'mood', 'userId', 'ip'] as const)(
    'counts the same as the application does, by %s',
    async (field) => {
      const { code, out } = await count('--by', field, '--json');
      const counts = [...(await used.site.search.countBy(field))];
      expect(code).toBe(0);
      const { counts: counted, ...others } = JSON.parse(out) as {
        counts: { tag: string; sessions: number }[];
      };
      expect(others).toEqual({
        field,
        outdated: 0,
        skipped: { unreadable: 0, refused: 0, contested: 0 },
      });
      const inOrder = (pairs: readonly unknown[]) => pairs.map(String).toSorted();
      expect(inOrder(counted.map(({ tag, sessions }) => [tag, sessions]))).toEqual(inOrder(counts));
      expect(counts.length).toBeGreaterThan(0);
    },
  );

  it('ends with 1 where no session has anything under the field', async () => {
    expect(await count('--by', 'products')).toEqual({
      code: 1,
      out: '',
      err: 'No session has anything under "products".\n',
    });
  });

  it.each(['nothing', 'views', 'note', 'indexedFor'])(
    'names the fields that there are, where "%s" is none of tags',
    async (field) => {
      const { code, err } = await count('--by', field);
      expect(code).toBe(2);
      expect(err).toMatch(/There are userId, ip, tenant, isBeta, mood, products, labels\.$/m);
    },
  );

  it('says which sessions may be missing while another version of the application writes', async () => {
    const { redis, site } = used;
    const other = await SearchedSite.open(redis, {
      keyPrefix: site.keyPrefix,
      index: {},
    });
    await redis.client.call(
      'FT.ALIASUPDATE',
      `${site.keyPrefix}session-index`,
      `${site.keyPrefix}session-index:${(await site.search.status()).version}`,
    );
    await other.begin({ tenant: 'zeta' });
    const { code, out, err } = await count('--by', 'tenant', '--json');
    await other.close();
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outdated: 1 });
    expect(err).toMatch(/^1 of the sessions .* may be missing here\.$/m);
  });

  it('says how many sessions could not be brought into the index', async () => {
    const { version } = await used.site.search.status();
    const key = `${used.site.keyPrefix}session-index-state:${version}`;
    await used.redis.client.hset(key, 'skipped', '2 1 0');
    const { err } = await count('--by', 'tenant');
    await used.redis.client.hdel(key, 'skipped');
    expect(err).toContain(
      '3 sessions are not in the index (2 written by another version of nestjs-redis-session, 1 refused by Redis).\n',
    );
  });

  it('refuses while the index is not full', async () => {
    const { version } = await used.site.search.status();
    const key = `${used.site.keyPrefix}session-index-state:${version}`;
    await used.redis.client.hset(key, 'complete', '', 'done', '43', 'total', '100');
    const { code, out, err } = await count('--by', 'tenant');
    await used.redis.client.hset(key, 'complete', '1');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('filled to 43 %');
  });

  it('writes nothing', async () => {
    const { client } = used.redis;
    const digest = () => client.call('DEBUG', 'DIGEST').catch(() => client.dbsize());
    const before = await digest();
    await count('--by', 'tenant');
    expect(await digest()).toEqual(before);
  });
});

describe('count, where no application declares an index', () => {
  const redis = useRedis();

  it('says so, or that there is no Search', async () => {
    const { code, out, err } = await runCli(
      'count',
      redis.url,
      '--by=tenant',
      '--key-prefix=none:',
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      redis.server.hasSearch
        ? /^There is no index of sessions under/
        : /^This Redis has no Search\./,
    );
  });
});
