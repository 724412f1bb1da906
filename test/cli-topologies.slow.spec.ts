import { writeFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from 'ioredis';
import { describeWithCluster } from './search/support/own-servers.js';
import { startApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { describeUnless, noServersThatMeet, noTls } from './support/obstacles.js';
import { runCli, runCliProcess, RunningCli } from './support/run-cli.js';
import { type SentinelSite, startSentinelSite } from './support/sentinel-site.js';
import { type ClusterServers, startCluster } from './support/cluster-servers.js';
import { startTlsServer, type TlsServer } from './support/tls-server.js';
import { type ListeningSite, startListeningSite } from './events/support/listening-site.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

describeWithCluster('the program, at a Cluster', () => {
  let cluster: ClusterServers;
  let client: Cluster;
  let site: ListeningSite;
  beforeAll(async () => {
    cluster = await startCluster();
    client = new Cluster([...cluster.addresses], { redisOptions: { disconnectTimeout: 50 } });
    site = await startListeningSite('express', { redis: () => client, storeTimeoutMs: 5000 });
  }, 60_000);
  afterAll(async () => {
    await site?.app.close();
    client?.disconnect();
    await cluster?.stop();
  });

  it('finds, ends and watches the sessions of all nodes by the URL of any', async () => {
    const url = cluster.primaries[1]!.url;
    const program = RunningCli.start('watch', url);
    await program.untilSaid(/^Listening/m);
    const users = Array.from({ length: 6 }, (_, i) => `user-${i}`);
    for (const user of users) {
      const visitor = new Visitor(site);
      await visitor.post(`sign-in?user=${user}`);
      expect((await runCli('list', url, '--user', user)).code).toBe(0);
      const { code, out } = await runCli('revoke', url, '--user', user, '--yes');
      expect({ code, out }).toEqual({ code: 0, out: `Ended 1 session of the user ${user}.\n` });
      expect((await visitor.get('private')).status).toBe(401);
      await program.untilSaid(new RegExp(` revoked .* ${user} `));
    }
    program.signal('SIGINT');
    expect(await program.ended()).toBe(0);
  }, 60_000);
});

describeUnless(noServersThatMeet, 'the program, at a Sentinel', () => {
  let sentinels: SentinelSite;
  beforeAll(async () => {
    sentinels = await startSentinelSite();
  }, 60_000);
  afterAll(() => sentinels?.stop());

  it.each(['list', 'doctor'])('%s says that this is none that keeps sessions', async (name) => {
    const args = name === 'list' ? ['--user', 'alice'] : [];
    const { code, err } = await runCli(name, sentinels.sentinels[0]!.url, ...args);
    expect(code).toBe(2);
    expect(err).toMatch(/this is a Sentinel, which keeps no sessions/);
  });

  it('reads at a replica, and ends nothing there', async () => {
    const options = { redis: sentinels.redis, storeTimeoutMs: 5000 };
    const { app, url } = await startApp('express', options, { controllers: [VisitorController] });
    defer(() => app.close());
    const visitor = new Visitor({ url });
    await visitor.post('sign-in?user=alice');
    await sentinels.untilReplicated();
    const primary = await sentinels.primary();
    const replica = sentinels.servers.find((server) => server !== primary)!;
    await eventually('the replica has the session', async () => {
      return (await runCli('list', replica.url, '--user', 'alice')).code === 0;
    });
    const { code, err } = await runCli('revoke', replica.url, '--user', 'alice', '--yes');
    expect(code).toBe(2);
    expect(err).toContain('READONLY');
    expect((await visitor.get('private')).status).toBe(200);
  });
});

describeUnless(noTls, 'the program, at a Redis that speaks TLS', () => {
  let tls: TlsServer;
  const folder = mkdtempSync(join(tmpdir(), 'cli-tls-'));
  beforeAll(async () => {
    tls = await startTlsServer();
    await writeFile(join(folder, 'ca.crt'), tls.ca);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await tls?.stop();
  });

  it('takes rediss://, and trusts whom Node is told to trust', async () => {
    const options = { redis: tls.server.url, storeTimeoutMs: 5000 };
    const site = await startApp('express', options, { controllers: [VisitorController] });
    await new Visitor(site).post('sign-in?user=alice');
    await site.app.close();
    const url = `rediss://127.0.0.1:${tls.port}`;
    const trust = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt') };
    expect((await runCliProcess(trust, 'list', url, '--user', 'alice')).code).toBe(0);
    const stranger = await runCli('list', url, '--user', 'alice');
    expect(stranger.code).toBe(2);
    expect(stranger.err).toMatch(/looked at: DEPTH_ZERO_SELF_SIGNED_CERT\./);
  });
});
