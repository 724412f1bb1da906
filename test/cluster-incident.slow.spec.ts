import { Cluster, type Redis } from 'ioredis';
import { shardOfUser } from '../libs/session/src/core/token.js';
import { type Finding, SessionDoctor } from 'nestjs-redis-session/doctor';
import { useCleanup } from './support/cleanup.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { eventually } from './support/eventually.js';
import { runCliProcess } from './support/run-cli.js';
import { useStopwatch } from './support/stopwatch.js';
import { describeWithBrokenCluster } from './search/support/own-servers.js';

/** Their keys are on the second, the first and the third primary. */
const [LOST, ALIVE, FROZEN] = ['user-2', 'user-0', 'user-1'];
const PROMISED_MS = 10_000;

const addressOf = ({ url }: { url: string }) => new URL(url).host;

async function isDown(node: Redis): Promise<boolean> {
  return /cluster_state:fail/.test(String(await node.call('CLUSTER', 'INFO')));
}

describeWithBrokenCluster('at a Cluster that has lost a shard', () => {
  const defer = useCleanup();
  const stopwatch = useStopwatch();
  let cluster: ClusterServers;
  let lost: { primary: string; replica: string };

  const requireFullCoverage = async (value: 'yes' | 'no') => {
    for (const node of [cluster.nodes[0]!, cluster.nodes[2]!]) {
      await node.config('SET', 'cluster-require-full-coverage', value);
      await eventually(
        'the Cluster has noticed',
        async () => (await isDown(node)) === (value === 'yes'),
      );
    }
  };
  const program = async (...args: string[]) => {
    const lap = stopwatch.start();
    const [command = '', ...options] = args;
    const result = await runCliProcess({}, command, cluster.primaries[0]!.url, ...options);
    return { ...result, ...lap() };
  };
  const findingOf = (findings: readonly Finding[], check: string) =>
    findings.find((finding) => finding.check === check);

  beforeAll(async () => {
    cluster = await startCluster({ withReplicas: true });
    lost = { primary: addressOf(cluster.primaries[1]!), replica: addressOf(cluster.replicas[1]!) };
    for (const [i, user] of [ALIVE, LOST, FROZEN].entries()) {
      const key = `session:{${shardOfUser(user)}}:x`;
      await cluster.nodes[i]!.set(key, '', 'PX', 3_600_000);
    }
    await eventually('every server knows the replica as one', async () => {
      const known = await Promise.all(cluster.nodes.map((node) => node.call('CLUSTER', 'NODES')));
      return known.every((nodes) => new RegExp(`${lost.replica}@.* slave`).test(String(nodes)));
    });
    await cluster.replicas[1]!.crash();
    await cluster.primaries[1]!.crash();
    await eventually('the Cluster is down', () => isDown(cluster.nodes[0]!));
    await eventually('its other servers agree on both losses', async () => {
      const left = [cluster.nodes[0]!, cluster.nodes[2]!];
      const known = await Promise.all(left.map((node) => node.call('CLUSTER', 'NODES')));
      return Object.values(lost).every((address) =>
        known.every((nodes) =>
          new RegExp(`${address}@.* (master|slave),fail `).test(String(nodes)),
        ),
      );
    });
  }, 60_000);
  afterAll(() => cluster?.stop());

  describe('that stops all others', () => {
    beforeAll(() => requireFullCoverage('yes'));

    it('the doctor says of each server whether it answers, and what the loss means', async () => {
      const { code, out, err, ownMs } = await program('doctor', '--json');
      expect({ code, err }).toEqual({ code: 1, err: '' });
      expect(ownMs).toBeLessThan(PROMISED_MS);
      const findings = JSON.parse(out) as Finding[];
      expect(findingOf(findings, 'cluster')).toMatchObject({
        severity: 'problem',
        finding:
          '2 of 2 primaries that answer say that the Cluster is down, and refuse every command; 5462 of 16384 slots are not served, so requests of 33 % of the users get 503',
      });
      expect(findingOf(findings, `${lost.primary}: state`)).toMatchObject({
        severity: 'problem',
        finding:
          'primary with 5462 slots; does not answer (ECONNREFUSED); the Cluster says that it failed',
      });
      expect(findingOf(findings, `${lost.replica}: state`)).toMatchObject({
        severity: 'warning',
        finding: 'replica; the Cluster says that it failed',
      });
      expect(
        findings.filter(({ check, severity }) => check.endsWith(' state') && severity === 'ok'),
      ).toHaveLength(4);
      expect(findingOf(findings, `${addressOf(cluster.primaries[0]!)}: persistence`)).toBeDefined();
    });

    it.each([
      [['list', '--user', ALIVE]],
      [['list', '--user', LOST]],
      [['revoke', '--user', ALIVE, '--yes']],
      [['show', `AAAA${'x'.repeat(28)}`]],
    ])('%j ends with 2, and names the servers that are away', async (args) => {
      const { code, out, err, ownMs } = await program(...args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(ownMs).toBeLessThan(PROMISED_MS);
      expect(err).toContain('2 of 2 primaries that answer say that the Cluster is down');
      expect(err).toContain(`${lost.primary}: state: primary with 5462 slots; does not answer`);
    });

    it('the doctor takes the client of an application, which is not ready', async () => {
      const client = new Cluster([...cluster.addresses], {
        redisOptions: { disconnectTimeout: 50 },
      });
      client.on('error', () => undefined);
      defer(() => client.disconnect());
      const findings = await new SessionDoctor(client).examine();
      expect(findingOf(findings, `${lost.primary}: state`)?.severity).toBe('problem');
    });
  });

  describe('and serves the others', () => {
    beforeAll(() => requireFullCoverage('no'));

    it('a command about a user there answers, and one about a user in the lost shard says why not', async () => {
      expect(await program('list', '--user', ALIVE)).toMatchObject({ code: 1 });
      const { code, err } = await program('list', '--user', LOST);
      expect(code).toBe(2);
      expect(err).toContain(`${lost.primary}: state: primary with 5462 slots; does not answer`);
    });

    it('the doctor asks a server that is frozen for a while, and then goes on', async () => {
      await cluster.primaries[2]!.freeze();
      defer(() => cluster.primaries[2]!.thaw());
      const { code, out, ownMs } = await program('doctor', '--json');
      expect(code).toBe(1);
      expect(ownMs).toBeLessThan(PROMISED_MS);
      const findings = JSON.parse(out) as Finding[];
      const frozen = findingOf(findings, `${addressOf(cluster.primaries[2]!)}: state`);
      expect(frozen?.finding).toContain('does not answer (no answer within 4 seconds)');
    });

    it('a command about a user there ends with 2 in time, and names that server', async () => {
      await cluster.primaries[2]!.freeze();
      defer(() => cluster.primaries[2]!.thaw());
      const { code, err, ownMs } = await program('list', '--user', FROZEN);
      expect(code).toBe(2);
      expect(ownMs).toBeLessThan(PROMISED_MS);
      expect(err).toContain(`${addressOf(cluster.primaries[2]!)}: state: primary with 5461 slots;`);
    });
  });
});
