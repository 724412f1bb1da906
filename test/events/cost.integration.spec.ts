import { commandsDuring, useRedis } from '../support/redis.js';
import { startApp, type TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';
import { Visitor, VisitorController } from '../support/visitor.js';
import { type ListeningSite, settled, startListeningSite } from './support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

const ACTS = ['write', 'write', 'sign-in?user=alice', 'renew', 'sign-out'];

describe('what events cost in commands to Redis', () => {
  const redis = useRedis();

  /** The names of the commands of each act of a visitor, and of a page that is read behind it. */
  const costs = async (site: TestApp): Promise<string[][]> => {
    const visitor = new Visitor(site);
    const all: string[][] = [];
    for (const path of ACTS) {
      const commands = await commandsDuring(redis, async () => {
        expect((await visitor.post(path, { note: 'a' })).status).toBe(201);
        await visitor.get('read');
      });
      const names = commands.map(([name]) => name!.toLowerCase());
      // Every ten seconds each application that listens asks whether its connection is alive.
      all.push(names.filter((name) => name !== 'subscribe'));
    }
    return all;
  };

  it('is nothing without the module, and one PUBLISH for each change with it', async () => {
    const options = { redis: redis.url, touchIntervalSeconds: 1800, examineAtStart: false };
    const plain = await startApp('express', options, { controllers: [VisitorController] });
    defer(() => plain.app.close());
    const listening = await startListeningSite('express', options);
    defer(() => listening.app.close());
    const keeping = await startListeningSite('express', options, { stream: {} });
    defer(() => keeping.app.close());
    for (const site of [plain, listening, keeping]) await costs(site);

    const without = await costs(plain);
    expect(without.flat().filter((name) => !['hgetall', 'evalsha'].includes(name))).toEqual([]);
    const behind = (extra: string[]) => without.map((names) => [...names, ...extra].toSorted());
    expect((await costs(listening)).map((names) => names.toSorted())).toEqual(behind(['publish']));
    expect((await costs(keeping)).map((names) => names.toSorted())).toEqual(
      behind(['publish', 'xadd']),
    );
  });

  it('is one PUBLISH for a sign-out everywhere, however many sessions end', async () => {
    const site = await startListeningSite('express', { redis: redis.url, examineAtStart: false });
    defer(() => site.app.close());
    for (let i = 0; i < 5; i++) await new Visitor(site).post('sign-in?user=bob');
    const commands = await commandsDuring(redis, () => new Visitor(site).delete('users/bob'));
    expect(commands.filter(([name]) => name === 'publish')).toHaveLength(1);
  });

  describe('where Redis lets nobody publish', () => {
    let site: ListeningSite;
    beforeAll(async () => {
      const rules = ['on', '>password', '~*', '&*', '+@all', '-publish', '-xadd'];
      await redis.client.call('ACL', 'SETUSER', 'mute', ...rules);
    });
    afterEach(() => site.app.close());
    const url = () => `redis://mute:password@${new URL(redis.url).host}`;

    it('is one line in the log, and no request fails', async () => {
      site = await startListeningSite('express', { redis: url() });
      const visitor = new Visitor(site);
      for (const path of ACTS) {
        expect((await visitor.post(path, { note: 'a' })).status).toBe(201);
      }
      const lines = () => site.log.matching(/could not be told to the instances/);
      await eventually('it is said', async () => lines().length > 0);
      expect(lines()).toHaveLength(1);
      expect(lines()[0]).toContain('NOPERM');
    });

    it('is a 503 where events have to stand in the stream: nothing is answered with yes that does not', async () => {
      site = await startListeningSite('fastify', { redis: url() }, { stream: {} });
      const { status } = await new Visitor(site).post('write', { note: 'a' });
      expect(status).toBe(503);
    });
  });

  it('is a stream that is cut to about its length', async () => {
    const options = { redis: redis.url, keyPrefix: 'short:' };
    const site = await startListeningSite('express', options, { stream: { maxLength: 100 } });
    defer(() => site.app.close());
    const visitor = new Visitor(site);
    for (let i = 0; i < 320; i++) await visitor.post('write', { note: String(i) });
    await settled([site]);
    const length = await redis.client.xlen('short:session-events');
    expect(length).toBeGreaterThanOrEqual(100);
    expect(length).toBeLessThan(300);
  });
});
