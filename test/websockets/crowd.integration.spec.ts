import { SessionService } from 'nestjs-redis-session';
import { useRedis } from '../support/redis.js';
import { useStopwatch } from '../support/stopwatch.js';
import { Visitor } from '../support/visitor.js';
import type { LiveClient } from './support/live-client.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';

const TABS = 50;
const BROWSERS = 10;

describe('a thousand sockets on two instances', () => {
  const redis = useRedis();
  let sites: LiveSite[] = [];
  const tabs: LiveClient[] = [];
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);

  beforeAll(async () => {
    // How soon sockets close is what counts here, and not how soon a busy machine answers five hundred at once.
    const options = { redis: redis.url, storeTimeoutMs: 20_000 };
    sites = [
      await startLiveSite('express', 'ws', options),
      await startLiveSite('fastify', 'ws', options),
    ];
  });
  afterAll(async () => {
    for (const tab of tabs) tab.close();
    await Promise.all(sites.map(({ app }) => app.close()));
  });

  const browsersOf = (user: string): Promise<Visitor[]> =>
    Promise.all(Array.from({ length: BROWSERS / 2 }, () => visit(sites[0]!, user)));
  const tabsOf = async (browsers: readonly Visitor[]): Promise<LiveClient[]> => {
    const opened: LiveClient[] = [];
    for (const browser of browsers) {
      for (const site of sites) {
        const opening = Array.from({ length: TABS }, () => openTab(site, browser));
        opened.push(...(await Promise.all(opening)));
      }
    }
    tabs.push(...opened);
    return opened;
  };

  it('lose within a second those of a user who signs out everywhere, and no other', async () => {
    const alices = await tabsOf(await browsersOf('alice'));
    const bobs = await tabsOf(await browsersOf('bob'));
    expect(alices.length + bobs.length).toBe(1000);
    const lap = stopwatch.start();
    await sites[1]!.app.get(SessionService).revokeAllOfUser('alice');
    const codes = await Promise.all(alices.map(({ closed }) => closed));
    expect(lap().ownMs).toBeLessThan(1000);
    expect(new Set(codes)).toEqual(new Set(['SESSION_REVOKED']));
    // In order behind what would have closed them.
    const answers = await Promise.all(bobs.map((tab) => tab.ask('private')));
    expect(answers.filter(([answer]) => answer!.data !== 'bob')).toEqual([]);
  });
});
