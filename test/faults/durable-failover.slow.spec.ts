import { describeUnless, noServersThatMeet } from '../support/obstacles.js';
import { startCluster } from '../support/cluster-servers.js';
import { eventually } from '../support/eventually.js';
import { type SentinelSite, startSentinelSite } from '../support/sentinel-site.js';
import { useFigures } from './support/figures.js';
import { seed } from '../support/scale.js';
import { patientClient } from './support/use-fault-bench.js';
import { NEVER, type SiteOn, useSiteOn } from './support/use-site-on.js';
import { useCleanup } from '../support/cleanup.js';

const figure = useFigures();
const defer = useCleanup();

/** So that nobody is refused only because this machine is busy. */
const PATIENT = { storeTimeoutMs: 1000, durableTimeoutMs: 5000 };

describeUnless(noServersThatMeet, 'when sign-outs wait for one replica', () => {
  const bench = useSiteOn(startSentinelSite, ({ redis }) => redis, PATIENT, 'replica');

  it('F17 and the primary is killed, nobody who signed out is back', async () => {
    const before = await bench.servers.primary();
    await expectNobodyBack(bench, 'F17', () => before.crash());
    await before.start();
  }, 90_000);
});

describeUnless(noServersThatMeet, 'when sign-outs wait for all replicas', () => {
  const all = { ...PATIENT, durableReplicas: 2 };
  const bench = useSiteOn(startSentinelSite, ({ redis }) => redis, all, 'replica');

  it('F20 and another server is made the primary by command, nobody who signed out is back', async () => {
    await expectNobodyBack(bench, 'F20', () => bench.servers.failover());
  }, 90_000);
});

describeUnless(noServersThatMeet, 'when sign-outs wait for the replica of their shard', () => {
  // So that the loss of one shard is not the loss of all.
  const settings = { 'cluster-require-full-coverage': 'no' };
  const bench = useSiteOn(
    () => startCluster({ withReplicas: true, settings }),
    ({ addresses }) => ({ cluster: addresses.map(({ host, port }) => `redis://${host}:${port}`) }),
    PATIENT,
    'replica',
  );

  it('F23 and a primary is killed, no session that was signed out is back, and signing in goes on', async () => {
    const { nodes, primaries, replicas } = bench.servers;
    const promoted = patientClient(replicas[0]!.url);
    defer(() => promoted.disconnect());
    const replication = () => promoted.info('replication');
    const [crowd] = await bench.during(seed, async (visitors, working) => {
      await working.untilWell();
      await visitors.untilSignedOut(6);
      await primaries[0]!.crash();
      await eventually('its replica has replaced it', async () =>
        (await replication()).includes('role:master'),
      );
      await primaries[0]!.start();
      await eventually('it follows', async () => (await replication()).includes('state=online'));
      await working.untilWell();
      await visitors.untilSignedOut(6);
    });
    const holders = [promoted, nodes[1]!, nodes[2]!];
    const wrongs = await bench.wrongs([crowd], holders, [...NEVER, 'undone']);
    const { ledger } = crowd;
    const undone = ledger.of('undone').length;
    figure('F23', `durable: replica, sign-outs undone, of ${ledger.signOuts}`, undone, '0');
    expect(wrongs).toEqual([]);
  }, 90_000);
});

async function expectNobodyBack(
  bench: SiteOn<SentinelSite>,
  fault: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const { servers } = bench;
  await servers.untilReplicated();
  const before = await servers.primary();
  const [crowd] = await bench.during(seed, async (visitors, working) => {
    await working.untilWell();
    await visitors.untilSignedOut(6);
    await act();
    await servers.untilAnotherThan(before);
    await working.untilWell();
  });
  const admin = patientClient((await servers.primary()).url);
  defer(() => admin.disconnect());
  const wrongs = await bench.wrongs([crowd], [admin], [...NEVER, 'undone']);
  const { ledger } = crowd;
  const undone = ledger.of('undone').length;
  figure(fault, `durable: replica, sign-outs undone, of ${ledger.signOuts}`, undone, '0');
  expect(wrongs).toEqual([]);
}
