import { Cluster, Redis } from 'ioredis';
import { type Finding, SessionDoctor } from 'nestjs-redis-session/doctor';
import { startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { runCli } from './support/run-cli.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { describeWithCluster } from './search/support/own-servers.js';

const defer = useCleanup();

describeWithCluster('the doctor, at a Cluster with replicas', () => {
  let cluster: ClusterServers;
  beforeAll(async () => {
    cluster = await startCluster({ withReplicas: true });
  }, 60_000);
  afterAll(() => cluster?.stop());

  const nodesIn = (findings: readonly Finding[], check: string) =>
    findings.filter((finding) => finding.check.endsWith(`: ${check}`)).map(({ check: c }) => c);

  it('looks at every primary, and compares the clocks of all servers', async () => {
    const client = cluster.connect();
    const findings = await new SessionDoctor(client).examine();
    client.disconnect();
    const addresses = cluster.primaries.map(({ url }) => new URL(url).host);
    expect(nodesIn(findings, 'persistence').toSorted()).toEqual(
      addresses.map((address) => `${address}: persistence`).toSorted(),
    );
    expect(nodesIn(findings, 'state')).toHaveLength(6);
    expect(findings[0]).toMatchObject({
      check: 'cluster',
      severity: 'ok',
      finding: 'state ok, all slots are served by 3 primaries',
    });
    expect(findings.find(({ check }) => check === 'clocks')).toMatchObject({
      severity: 'ok',
      finding: 'those of 6 servers agree, replicas included',
    });
  });

  it('knows which setting lets one shard stop the others', async () => {
    const client = cluster.connect();
    const findings = await new SessionDoctor(client).examine();
    client.disconnect();
    expect(nodesIn(findings, 'cluster-require-full-coverage')).toHaveLength(3);
  });

  it('says which questions its user may not ask, and has the rest', async () => {
    const allow = ['on', '>watcher-pw', '~*', '&*', '+@all', '-cluster|nodes', '-cluster|info'];
    for (const { url } of [...cluster.primaries, ...cluster.replicas]) {
      const server = new Redis(url, { disconnectTimeout: 50 });
      await server.call('ACL', 'SETUSER', 'watcher', ...allow);
      server.disconnect();
    }
    const client = new Cluster([...cluster.addresses], {
      redisOptions: { username: 'watcher', password: 'watcher-pw', disconnectTimeout: 50 },
    });
    defer(() => client.disconnect());
    const findings = await new SessionDoctor(client).examine();
    expect(findings[0]).toMatchObject({
      check: 'cluster',
      severity: 'unknown',
      finding: 'the user may not ask',
    });
    const states = findings.filter(({ check }) => check.endsWith(': state'));
    expect(states).toHaveLength(6);
    expect(new Set(states.map(({ severity }) => severity))).toEqual(new Set(['ok']));
    expect(nodesIn(findings, 'persistence')).toHaveLength(3);
  });

  it('is not needed to know which server the warnings at the start are about', async () => {
    const client = cluster.connect();
    defer(() => client.disconnect());
    const lines: string[] = [];
    const keep = (line: string) => void lines.push(line);
    const log = { log: keep, warn: keep, error: keep };
    const site = await startApp('express', { redis: client }, {}, (app) => app.useLogger(log));
    defer(() => site.app.close());
    const ofServers = () => lines.filter((line) => line.includes(', persistence: '));
    await eventually('each server was warned about', async () => ofServers().length === 3);
    const addresses = cluster.primaries.map(({ url }) => new URL(url).host);
    expect(
      ofServers()
        .map((line) => line.split(', ')[1])
        .toSorted(),
    ).toEqual(addresses.toSorted());
  });

  it('finds the Cluster behind the URL of any of its servers', async () => {
    const { code, out } = await runCli('doctor', cluster.primaries[1]!.url);
    expect(code).toBe(1);
    const { host } = new URL(cluster.primaries[2]!.url);
    expect(out).toMatch(
      new RegExp(`^PROBLEM +${host}: persistence +nothing is written to disk`, 'm'),
    );
    expect(out).toMatch(/^ok +clocks +those of 6 servers agree/m);
  });
});
