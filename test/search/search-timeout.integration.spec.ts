import { useCleanup } from '../support/cleanup.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { SearchedSite, useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

const SEARCH_TIMEOUT_MS = 100;
/** A connection on which so many answers are missing is not asked for a while. */
const MANY = 7;

describeWithSearch('a search that is not answered', () => {
  const used = useSearchedSite();
  const defer = useCleanup();
  let proxy: FaultProxy;
  let site: SearchedSite;
  beforeEach(async () => {
    proxy = await FaultProxy.to(used.redis.url);
    defer(() => proxy.close());
    const { keyPrefix } = used.site;
    site = await SearchedSite.start(used.redis, {
      redis: proxy.url,
      keyPrefix,
      prepareIndexAtStart: false,
      searchTimeoutMs: SEARCH_TIMEOUT_MS,
    });
    defer(() => site.close());
  });

  it('has a time limit of its own, which the error names, and requests are answered as before', async () => {
    const id = await site.begin({ tenant: 'acme' }, 'ana');
    // Of the connection for searches, which is opened now.
    proxy.swallowNewConnections();
    const answers: unknown[] = [];
    for (let i = 0; i < MANY; i++) {
      answers.push(await site.search.count().catch((error: unknown) => error));
      expect(await site.service.find(id)).toMatchObject({ userId: 'ana' });
    }
    expect(String(answers[0])).toContain(`within ${SEARCH_TIMEOUT_MS} ms (searchTimeoutMs)`);
    const refused = expect.objectContaining({ code: 'SESSION_STORE' });
    expect(answers).toEqual(answers.map(() => refused));
    proxy.behave();
    await eventually('searches are answered', async () =>
      site.search.count({ tenant: 'acme' }).then(
        (found) => found === 1,
        () => false,
      ),
    );
  });

  it('has a connection of its own, which is opened by the first search', async () => {
    await site.begin({ tenant: 'acme' });
    const before = proxy.connections;
    await site.begin({ tenant: 'acme' });
    expect(proxy.connections).toBe(before);
    await site.search.count();
    expect(proxy.connections).toBe(before + 1);
  });
});
