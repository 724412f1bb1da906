import type { Redis } from 'ioredis';
import { type Finding, SessionDoctor } from 'nestjs-redis-session/doctor';
import { eventually } from './support/eventually.js';
import { runCli } from './support/run-cli.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { describeWithCluster } from './search/support/own-servers.js';

async function serversKnownTo(node: Redis): Promise<number> {
  const slots = (await node.call('CLUSTER', 'SLOTS')) as [number, number, ...unknown[]][];
  return slots.reduce((count, [, , ...servers]) => count + servers.length, 0);
}

describeWithCluster('the doctor, at a Cluster with replicas', () => {
  let cluster: ClusterServers;
  beforeAll(async () => {
    cluster = await startCluster({ withReplicas: true });
    await eventually('all servers know of the replicas', async () =>
      (await Promise.all(cluster.nodes.map(serversKnownTo))).every((known) => known === 6),
    );
  }, 60_000);
  afterAll(() => cluster?.stop());

  const nodesIn = (findings: readonly Finding[], check: string) =>
    findings.filter((finding) => finding.check.endsWith(`: ${check}`)).map(({ check: c }) => c);

  it('looks at every primary, and compares the clocks of all servers', async () => {
    const client = cluster.connect();
    const findings = await new SessionDoctor(client).examine();
    client.disconnect();
    expect(nodesIn(findings, 'persistence')).toEqual(
      [1, 2, 3].map((n) => `node ${n}: persistence`),
    );
    expect(findings.find(({ check }) => check === 'clocks')).toMatchObject({
      severity: 'ok',
      finding: 'those of 6 servers agree, replicas included',
    });
  });

  it('finds the Cluster behind the URL of any of its servers', async () => {
    const { code, out } = await runCli('doctor', cluster.primaries[1]!.url);
    expect(code).toBe(1);
    expect(out).toMatch(/^PROBLEM +node 3: persistence +nothing is written to disk/m);
    expect(out).toMatch(/^ok +clocks +those of 6 servers agree/m);
  });
});
