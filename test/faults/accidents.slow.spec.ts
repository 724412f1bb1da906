import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeUnless, notOurs } from '../support/obstacles.js';
import { projectFolder } from '../../src/project-folder.js';
import { useFigures } from './support/figures.js';
import { seed, times } from '../support/scale.js';
import { KEYS, SignedIn } from './support/signed-in.js';
import { useFaultBench } from './support/use-fault-bench.js';

const figure = useFigures();

describeUnless(notOurs, 'while one release of the application replaces another', () => {
  const hook = pathToFileURL(join(projectFolder(), 'test/faults/app/another-release.mjs')).href;
  const bench = useFaultBench({
    instances: 2,
    process: (i) => (i === 0 ? {} : { execArgv: ['--import', hook] }),
  });
  const url = () => bench.site.urls[0]!;
  beforeEach(() => bench.admin.flushall());

  it('F37 both read and write the same sessions, each with scripts of its own', async () => {
    const crowd = bench.site.crowd({ seed });
    await crowd.during(() => crowd.untilYes(times(150, 1500)));
    expect(crowd.ledger.refused).toBe(0);
    expect(await bench.wrongs(crowd)).toEqual([]);
    // Each of the crowd's scripts is there twice.
    const info = await bench.admin.info('memory');
    const scripts = Number(/number_of_cached_scripts:(\d+)/.exec(info)?.[1]);
    expect(scripts).toBeGreaterThan(10);
  }, 60_000);

  it('F31 and its scripts are flushed again and again, no request fails', async () => {
    const crowd = bench.site.crowd({ seed });
    const rounds = times(8, 60);
    await crowd.during(async () => {
      for (let round = 0; round < rounds; round++) {
        await bench.admin.script('FLUSH');
        await bench.admin.call('FUNCTION', 'FLUSH').catch(() => undefined);
        await crowd.untilYes(10);
      }
    });
    const { ledger } = crowd;
    figure('F31', `requests refused of ${ledger.requests}`, ledger.refused, '0');
    expect(ledger.refused).toBe(0);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);

  it('F32 and Redis is emptied, everybody is signed out, and may sign in again', async () => {
    const browsers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => SignedIn.at(bench.site.urls[i % 2]!, `user ${i}`)),
    );
    await bench.admin.flushall();
    for (const browser of browsers) {
      expect(await browser.status('me')).toBe(401);
      expect((await browser.post('visit')).status).toBe(401);
      expect((await browser.post('sign-out-others')).status).toBe(401);
    }
    expect(await bench.admin.dbsize()).toBe(0);
    for (const browser of browsers) {
      expect((await browser.post('sign-in', { user: 'alice' })).status).toBe(200);
      expect(await browser.status('me')).toBe(200);
    }
    expect(await bench.site.faults([bench.admin])).toEqual([]);
  });

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['a text', (key) => bench.admin.set(key, 'garbage')],
    ['a list', (key) => bench.admin.del(key).then(() => bench.admin.rpush(key, 'garbage'))],
    ['half a session', (key) => bench.admin.hdel(key, '~until', '~idle')],
    [
      'a field without its session',
      (key) => bench.admin.del(key).then(() => bench.admin.hset(key, 'visits', 3)),
    ],
    ['numbers that are none', (key) => bench.admin.hset(key, '~until', 'soon', '~seen', '{')],
  ])(
    'F33 and %s takes the place of a session, its visitor is signed out, and it is removed',
    async (_, spoil) => {
      const alice = await SignedIn.at(url(), 'alice');
      await spoil(KEYS.session(alice.id));
      expect(await alice.status('me')).toBe(401);
      expect(await bench.admin.exists(KEYS.session(alice.id))).toBe(0);
      expect((await alice.post('sign-in', { user: 'alice' })).status).toBe(200);
      await bench.admin.srem(KEYS.user('alice'), alice.id);
      expect(await bench.site.faults([bench.admin])).toEqual([]);
    },
  );

  it('F33 and one session is copied over another, no visitor gets the data of another', async () => {
    const [alice, bob] = [await SignedIn.at(url(), 'alice'), await SignedIn.at(url(), 'bob')];
    const [from, to] = [KEYS.session(bob.id), KEYS.session(alice.id)];
    await bench.admin.copy(from, to, 'REPLACE');
    for (let i = 0; i < 5; i++) expect(await alice.status('me')).toBe(401);
    expect(await bench.admin.exists(to)).toBe(0);
    expect(await bob.status('me')).toBe(200);
    await SignedIn.at(url(), 'alice');
  });

  it('F36 and those who listen to its events are cut off, nothing changes', async () => {
    const crowd = bench.site.crowd({ seed });
    await crowd.during(async () => {
      for (const events of ['KEA', '', 'KEA', '']) {
        await crowd.untilYes(25);
        await bench.admin.config('SET', 'notify-keyspace-events', events);
        expect(await bench.admin.client('LIST', 'TYPE', 'PUBSUB')).toBe('');
        await bench.admin.client('KILL', 'TYPE', 'PUBSUB');
      }
    });
    expect(crowd.ledger.refused).toBe(0);
    expect(await bench.wrongs(crowd)).toEqual([]);
  }, 60_000);
});
