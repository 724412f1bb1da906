import type { Redis } from 'ioredis';
import { describeUnless, noServersThatMeet } from '../support/obstacles.js';
import type { RedisServer } from '../../redis-server/launch.js';
import { eventually } from '../support/eventually.js';
import { DOWN_AFTER_MS, startSentinelSite } from '../support/sentinel-site.js';
import type { Crowd } from './support/crowd.js';
import { ms, useFigures } from './support/figures.js';
import { notInShort, seed, times } from '../support/scale.js';
import { patientClient } from './support/use-fault-bench.js';
import { NEVER, useSiteOn } from './support/use-site-on.js';
import { useCleanup } from '../support/cleanup.js';

const figure = useFigures();
const defer = useCleanup();

/** So that nobody is refused only because this machine is busy. */
const PATIENT = { storeTimeoutMs: 1000 };

describeUnless(noServersThatMeet, 'when Sentinels watch over Redis', () => {
  const bench = useSiteOn(startSentinelSite, ({ redis }) => redis, PATIENT);

  it('F19 and all of them are gone, nobody notices while the primary lives', async () => {
    const { sentinels } = bench.servers;
    const [crowd, probes] = await bench.during(seed, async (visitors, working) => {
      await working.untilWell();
      await Promise.all(sentinels.map((sentinel) => sentinel.crash()));
      await visitors.untilYes(times(100, 1000));
      await working.untilWell();
      await Promise.all(sentinels.map((sentinel) => sentinel.start()));
      await working.untilWell();
    });
    figure('F19', `refused, of ${probes.answers}`, probes.refusals.length, '0');
    expect(probes.refusals).toEqual([]);
    expect(await onPrimary((nodes) => bench.wrongs([crowd], nodes))).toEqual([]);
  }, 60_000);

  it('F20 and the primary turns read-only by hand, the answer is 503 until it is one again', async () => {
    const primary = patientClient((await bench.servers.primary()).url);
    defer(() => primary.disconnect());
    let startedAt = 0;
    const [crowd, probes] = await bench.during(seed, async (visitors, working) => {
      await working.untilWell();
      // Of a server that is not there: what it holds stays as it is.
      await primary.replicaof('127.0.0.1', 1);
      await working.untilRefused();
      await visitors.untilRefused(times(50, 500));
      startedAt = performance.now();
      await primary.call('REPLICAOF', 'NO', 'ONE');
      await working.untilWell();
    });
    const backMs = Math.max(0, probes.lastRefusalAt - startedAt);
    figure('F20', 'last refusal after it is a primary again', ms(backMs), '1000 ms');
    expect(new Set(probes.refusals)).toEqual(new Set(['503']));
    expect(await onPrimary((nodes) => bench.wrongs([crowd], nodes))).toEqual([]);
  }, 60_000);

  it('F20 and they are told to make another server the primary, it is found by itself', async () => {
    await expectFailover('F20', async (primary) => {
      await bench.servers.failover();
      // Until it is told, it takes what it is given, all of which is lost.
      const old = patientClient(primary.url);
      defer(() => old.disconnect());
      await untilReplica(old);
    });
  }, 60_000);

  it('F17 and the primary is killed, another one is found by itself', async () => {
    const before = await expectFailover('F17', (primary) => primary.crash());
    await before.start();
  }, 90_000);

  describeUnless(notInShort(), 'and the primary is frozen, which stands for cut off', () => {
    it('F18 nobody goes by what it says when it is back', async () => {
      let old: Redis;
      await expectFailover(
        'F18',
        async (primary) => {
          old = patientClient(primary.url);
          defer(() => old.disconnect());
          await old.ping();
          await primary.freeze();
        },
        async (primary) => {
          await primary.thaw();
          // It takes itself for a primary until the Sentinels get to it.
          await eventually('nobody is connected to the old primary', async () => {
            return !String(await old.client('LIST')).includes('name=nestjs-redis-session');
          });
          await untilReplica(old);
        },
      );
    }, 120_000);
  });

  /** @param act what makes the Sentinels choose another primary. @param then what happens once it is in use. */
  async function expectFailover(
    fault: string,
    act: (primary: RedisServer) => Promise<void>,
    then: (primary: RedisServer) => Promise<void> = async () => undefined,
  ): Promise<RedisServer> {
    await bench.servers.untilReplicated();
    const before = await bench.servers.primary();
    let [actedAt, namedAt, lastRefusalAt] = [0, 0, 0];
    const [crowd, probes] = await bench.during(seed, async (_, working) => {
      await working.untilWell();
      actedAt = performance.now();
      await act(before);
      await bench.servers.untilAnotherThan(before);
      namedAt = performance.now();
      await bench.servers.untilAllNameAnotherThan(before);
      await working.untilWell();
      ({ lastRefusalAt } = working);
      await then(before);
      await working.untilWell();
    });
    const awayMs = Math.max(0, lastRefusalAt - actedAt);
    const foundMs = Math.max(0, lastRefusalAt - namedAt);
    figure(fault, 'last refusal after it began', ms(awayMs), ms(DOWN_AFTER_MS + 2000));
    figure(fault, 'last refusal after a Sentinel names another', ms(foundMs), '1000 ms');
    reportLosses(fault, crowd);
    expect(probes.refusals.filter((said) => said !== '503')).toEqual([]);
    expect(probes.lastRefusalAt).toBe(lastRefusalAt);
    expect(await onPrimary((nodes) => bench.wrongs([crowd], nodes, NEVER))).toEqual([]);
    return before;
  }

  /** Looks at the server that is the primary by now. */
  async function onPrimary<T>(look: (nodes: Redis[]) => Promise<T>): Promise<T> {
    const client = patientClient((await bench.servers.primary()).url);
    return look([client]).finally(() => client.disconnect());
  }
});

async function untilReplica(client: Redis): Promise<void> {
  const isReplica = async () => (await client.info('replication')).includes('role:slave');
  await eventually('the old primary has become a replica', isReplica, 40_000);
}

/** Replication is not waited for, so a failover may cost what had not been sent: it is counted. */
function reportLosses(fault: string, { ledger }: Crowd): void {
  figure(
    fault,
    `slowest of ${ledger.requests} answers`,
    ms(ledger.slowestMs),
    ms(PATIENT.storeTimeoutMs + 50),
  );
  figure(fault, `writes lost, of ${ledger.yes} answers`, ledger.of('lost').length);
  figure(fault, `sign-outs undone, of ${ledger.signOuts}`, ledger.of('undone').length);
}
