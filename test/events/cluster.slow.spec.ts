import type { Cluster } from 'ioredis';
import { Injectable } from '@nestjs/common';
import { OnSessionEvent, type SessionEvent } from 'nestjs-redis-session/events';
import { describeWithCluster } from '../search/support/own-servers.js';
import { eventually } from '../support/eventually.js';
import { SlotMove } from '../support/move-slot.js';
import { type ClusterServers, SLOTS, startCluster } from '../support/cluster-servers.js';
import { Visitor } from '../support/visitor.js';
import {
  heardBy,
  type ListeningSite,
  sessionOf,
  settled,
  startListeningSite,
} from './support/listening-site.js';

const handled: (string | undefined)[] = [];

@Injectable()
class Audit {
  @OnSessionEvent('signed-in', { group: 'audit' }) onSignIn({ userId }: SessionEvent) {
    handled.push(userId);
  }
}

describeWithCluster('events on a Cluster', () => {
  let cluster: ClusterServers;
  const clients: Cluster[] = [];
  let sites: ListeningSite[];
  beforeAll(async () => {
    cluster = await startCluster({ settings: { 'notify-keyspace-events': 'Ex' } });
    const start = (platform: 'express' | 'fastify', options: object) => {
      const client = cluster.connect() as Cluster;
      clients.push(client);
      const session = { redis: client, idleTimeoutSeconds: 2, storeTimeoutMs: 5000 };
      return startListeningSite(platform, session, options, { providers: [Audit] });
    };
    sites = [
      await start('express', { expired: true, stream: {} }),
      await start('fastify', { stream: {} }),
    ];
  }, 60_000);
  afterAll(async () => {
    await Promise.all((sites ?? []).map(({ app }) => app.close()));
    for (const client of clients) client.disconnect();
    await cluster?.stop();
  });

  it('are heard by every instance, each once, wherever the session is; a guest who signs in is one', async () => {
    for (const user of ['alice', 'bob', 'carol', 'olga', 'user-1', 'user-2']) {
      const visitor = new Visitor(sites[0]!);
      await visitor.post('write', { note: user });
      const previousId = sessionOf(visitor);
      const events = await heardBy(sites, () => visitor.post(`sign-in?user=${user}`));
      expect(events.filter(({ type }) => type !== 'expired')).toMatchObject([
        { type: 'signed-in', userId: user, sessionId: sessionOf(visitor), previousId },
      ]);
    }
  });

  it('are heard by one connection where only they are wanted, and by no other part of the Cluster', async () => {
    const channel = 'session-events:0';
    const listeners = await Promise.all(
      cluster.nodes.map(async (node) => {
        const [, count] = (await node.call('PUBSUB', 'SHARDNUMSUB', channel)) as [string, number];
        return Number(count);
      }),
    );
    expect(listeners.toSorted()).toEqual([0, 0, 2]);
    for (const node of cluster.nodes)
      expect(await node.pubsub('CHANNELS', 'session-*')).toEqual([]);
  });

  it('are handled once by a group', async () => {
    handled.length = 0;
    const users = Array.from({ length: 10 }, (_, i) => `of-group-${i}`);
    for (const user of users) await new Visitor(sites[1]!).post(`sign-in?user=${user}`);
    const ofGroup = () => handled.filter((user) => user?.startsWith('of-group-'));
    await eventually('all are handled', async () => ofGroup().length >= users.length);
    expect(ofGroup().toSorted()).toEqual(users.toSorted());
  });

  it('say which sessions expired on any of its primaries', async () => {
    const [first] = sites;
    first!.heard.length = 0;
    const visitors = Array.from({ length: 12 }, () => new Visitor(first!));
    await Promise.all(visitors.map((visitor, i) => visitor.post(`sign-in?user=short-${i}`)));
    const ids = visitors.map(sessionOf);
    const expired = () =>
      first!.heard.filter(({ type, sessionId }) => type === 'expired' && ids.includes(sessionId));
    await eventually('all are heard', async () => {
      await Promise.all(cluster.nodes.map((node) => node.keys('*')));
      return expired().length >= ids.length;
    });
    expect(
      expired()
        .map(({ sessionId }) => sessionId)
        .toSorted(),
    ).toEqual(ids.toSorted());
    expect(sites[1]!.heard.some(({ type }) => type === 'expired')).toBe(false);
  });

  it('are heard again where the channel has moved to another server, and the gap is told', async () => {
    await settled(sites);
    for (const { gaps } of sites) gaps.length = 0;
    const slot = Number(await cluster.nodes[0]!.call('CLUSTER', 'KEYSLOT', 'session-events:0'));
    const owner = SLOTS.findIndex(([first, last]) => slot >= first && slot <= last);
    const [from, to] = [cluster.nodes[owner]!, cluster.nodes[(owner + 1) % 3]!];
    const move = new SlotMove(slot, from, to);
    await move.begin();
    await move.finish(cluster.nodes);
    await eventually(
      'both are told',
      async () => sites.every(({ gaps }) => gaps.length > 0),
      30_000,
    );
    const visitor = new Visitor(sites[1]!);
    const events = await heardBy(sites, () => visitor.post('sign-in?user=moved'));
    expect(events.filter(({ type }) => type !== 'expired')).toMatchObject([
      { type: 'signed-in', userId: 'moved' },
    ]);
  }, 60_000);
});
