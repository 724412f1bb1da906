import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { Redis } from 'ioredis';
import { setTimeout as wait } from 'node:timers/promises';
import { FaultSite } from './support/fault-site.js';
import { ms, useFigures } from './support/figures.js';
import { seed, times } from './support/scale.js';

const figure = useFigures();

describe('when Redis is killed under load', () => {
  let server: RedisServer;
  let site: FaultSite;
  let admin: Redis;
  beforeAll(async () => {
    server = await launchRedis({ settings: { appendfsync: 'always' } });
    site = await FaultSite.open({ redis: server.url });
    admin = new Redis(server.url, { maxRetriesPerRequest: null });
    admin.on('error', () => undefined);
  });
  afterAll(async () => {
    admin?.disconnect();
    await site?.close();
    await server?.stop();
  });

  it('F03 and restarted, with appendfsync always nothing is lost and nothing comes back', async () => {
    const rounds = times(2, 10);
    const crowd = site.crowd({ seed });
    const backAfter: number[] = [];
    await crowd.during(async () => {
      for (let round = 0; round < rounds; round++) {
        await crowd.untilYes(200);
        await server.crash();
        await wait(300);
        await server.start();
        const startedAt = performance.now();
        crowd.ledger.watchForYes();
        await crowd.untilYes(1);
        backAfter.push(crowd.ledger.firstYesAt! - startedAt);
      }
      await crowd.untilYes(200);
    });
    await crowd.reckon();
    const { ledger } = crowd;
    figure(
      'F03',
      `acknowledged writes lost in ${rounds} kills, of ${ledger.yes} answers`,
      ledger.of('lost').length,
      '0',
    );
    figure('F03', `sign-outs undone, of ${ledger.signOuts}`, ledger.of('undone').length, '0');
    figure('F03', 'first yes after the restart, slowest', ms(Math.max(...backAfter)), '1000 ms');
    figure('F03', 'slowest answer', ms(ledger.slowestMs), '300 ms');
    expect(ledger.wrongs).toEqual([]);
    expect(await site.faults([admin])).toEqual([]);
  }, 120_000);
});
