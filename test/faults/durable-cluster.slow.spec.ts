import { setTimeout as wait } from 'node:timers/promises';
import type { Session } from '../../libs/session/src/core/session.js';
import { Cluster, Redis } from 'ioredis';
import { useCleanup } from '../support/cleanup.js';
import { type ClusterServers, replicate, startCluster } from '../support/cluster-servers.js';
import { eventually } from '../support/eventually.js';
import { Instance } from '../support/instance.js';
import { SlotMove } from '../support/move-slot.js';
import { describeUnless, noServersThatMeet } from '../support/obstacles.js';
import { ownerOf, slotOf, usersOn } from './support/places.js';
import { patientClient } from './support/use-fault-bench.js';

const defer = useCleanup();

/** So that no request is refused only because this machine is busy. */
const PATIENT = { storeTimeoutMs: 2000, durableTimeoutMs: 2000 };
const SHARDS = [0, 1, 2];

describeUnless(noServersThatMeet, 'durable writes to replicas, on a Cluster', () => {
  let servers: ClusterServers;
  let client: Cluster;
  let sessions: Instance;

  beforeAll(async () => {
    const settings = { 'cluster-require-full-coverage': 'no' };
    servers = await startCluster({ withReplicas: true, spares: 2, settings });
    client = new Cluster([...servers.addresses]);
    client.on('error', () => undefined);
    sessions = await Instance.open({ redis: () => client, ...PATIENT });
    // Each server knows the scripts from here on.
    for (const shard of SHARDS) await refusedOf(await usersAt(shard, 1));
  }, 60_000);
  afterAll(async () => {
    await sessions?.close();
    client?.disconnect();
    await servers?.stop();
  });

  /** @param after so many that other scenarios have used, and whose slots may have moved. */
  const usersAt = async (shard: number, count: number, after = 0) =>
    (await usersOn(servers.nodes[0]!, shard, after + count)).slice(after);

  /** Signs them in and out, all at the same time. @returns why some of them were refused. */
  const refusedOf = async (
    users: readonly string[],
    by = sessions,
    act: (user: string, by: Instance) => Promise<unknown> = signInAndOut,
  ): Promise<string[]> => {
    const refusals = await Promise.all(
      users.map((user) =>
        act(user, by).then(
          () => [],
          (error: Error) => [`${user}: ${error.message}`],
        ),
      ),
    );
    return refusals.flat();
  };
  const signIn = async (user: string, by: Instance): Promise<Session> => {
    const session = by.sessionOf();
    session.signIn(user, { durable: 'replica' });
    await by.save(session);
    return session;
  };
  const signInAndOut = async (user: string, by: Instance): Promise<unknown> => {
    const session = await signIn(user, by);
    return by.service.revoke(session.id!, { durable: 'replica' });
  };

  it('wait once for all writes to the same primary, whatever their slots', async () => {
    const users = await usersAt(0, 41);
    const waits = async () =>
      Number(/cmdstat_wait:calls=(\d+)/.exec(await servers.nodes[0]!.info('commandstats'))?.[1]);
    const before = await waits();
    await servers.replicas[0]!.freeze();
    try {
      const first = refusedOf(users.slice(0, 1));
      await eventually('the primary waits', async () => (await blockedOn(servers.nodes[0]!)) === 1);
      const others = refusedOf(users.slice(1));
      // All of them have come to the line.
      await wait(0);
      await servers.replicas[0]!.thaw();
      expect(await first).toEqual([]);
      expect(await others).toEqual([]);
    } finally {
      await servers.replicas[0]!.thaw();
    }
    expect((await waits()) - before).toBeLessThan(users.length);
  }, 30_000);

  it('F22 go on while slots move, and no request is refused', async () => {
    const users = (await Promise.all(SHARDS.map((shard) => usersAt(shard, 3)))).flat();
    const moves = await Promise.all(
      users.map(async (user) => {
        const slot = await slotOf(servers.nodes[0]!, user);
        const owner = ownerOf(slot);
        return new SlotMove(slot, servers.nodes[owner]!, servers.nodes[(owner + 1) % 3]!);
      }),
    );
    for (const move of moves) await move.begin();
    // Half-way, Redis answers scripts with "ask there", and there with "try again".
    const meanwhile = refusedOf(users);
    for (const move of moves) await move.finish(servers.nodes);
    expect(await meanwhile).toEqual([]);
    expect(await refusedOf(users)).toEqual([]);
  }, 30_000);

  it('F22 go on when a slot moves to a server that the client has not heard of', async () => {
    const [primary, replica] = servers.spares;
    await replicate(replica!.node, primary!.node);
    const [user = ''] = await usersAt(1, 1, 5);
    const move = new SlotMove(
      await slotOf(servers.nodes[0]!, user),
      servers.nodes[1]!,
      primary!.node,
    );
    await move.begin();
    const meanwhile = refusedOf([user]);
    await move.finish(servers.nodes);
    expect(await meanwhile).toEqual([]);
    expect(await refusedOf([user])).toEqual([]);
  }, 30_000);

  it('F22 keep their keys where others look for them: behind a NAT, and with a prefix of the client', async () => {
    const elsewhere = new Cluster([...servers.addresses], {
      keyPrefix: 'shop:',
      natMap: (address) => ({ host: 'localhost', port: Number(address.split(':')[1]) }),
      redisOptions: { keyPrefix: 'never:', commandTimeout: 1000 },
    });
    defer(() => elsewhere.disconnect());
    const instance = await Instance.open({ redis: () => elsewhere, ...PATIENT });
    defer(() => instance.close());
    const [user = ''] = await usersAt(2, 1, 5);
    const slot = await slotOf(servers.nodes[0]!, user);
    expect(await refusedOf([user], instance)).toEqual([]);
    const move = new SlotMove(slot, servers.nodes[2]!, servers.nodes[0]!);
    await move.begin();
    const meanwhile = refusedOf([user], instance);
    await move.finish(servers.nodes);
    expect(await meanwhile).toEqual([]);
    expect(await refusedOf([user], instance)).toEqual([]);
    const keys = await Promise.all(servers.nodes.map((node) => node.keys('*')));
    expect(keys.flat().filter((key) => /never:|shop:shop:/.test(key))).toEqual([]);
  }, 30_000);

  it('take a new password when a connection is made anew, also while those of ioredis stay', async () => {
    const setPassword = (password: string) =>
      Promise.all(
        [...servers.primaries, ...servers.replicas].map((server) =>
          asked(server.url, (node) =>
            node.call('ACL', 'SETUSER', 'shop', 'reset', 'on', `>${password}`, '~*', '&*', '+@all'),
          ),
        ),
      );
    await setPassword('one');
    const redisOptions = { username: 'shop', password: 'one' };
    const named = new Cluster([...servers.addresses], { redisOptions });
    defer(() => named.disconnect());
    const instance = await Instance.open({ redis: () => named, ...PATIENT });
    defer(() => instance.close());
    const users = await usersAt(0, 2, 10);
    expect(await refusedOf(users, instance)).toEqual([]);
    await setPassword('two');
    redisOptions.password = 'two';
    const waited = String(await servers.nodes[0]!.client('LIST'))
      .split('\n')
      .filter((line) => line.includes('user=shop') && line.includes('cmd=wait'));
    for (const line of waited) {
      await servers.nodes[0]!.client('KILL', 'ID', /\bid=(\d+)/.exec(line)![1]!);
    }
    expect(waited).toHaveLength(1);
    await eventually(
      'no request is refused',
      async () => (await refusedOf(users, instance)).length === 0,
    );
  }, 30_000);

  it('F23 go on when the primaries have changed by command, and no request is refused', async () => {
    for (const shard of SHARDS) await failOver(servers.replicas[shard]!.url);
    await untilAllAgree();
    for (const shard of SHARDS) expect(await refusedOf(await usersAt(shard, 10, 10))).toEqual([]);
  }, 60_000);

  it('F23 go on once a primary that was killed is back as a replica', async () => {
    // Since the scenario before, it is the first replica that has the slots.
    const [old, lost] = [servers.nodes[0]!, servers.replicas[0]!];
    const users = await usersAt(0, 10, 10);
    await lost.crash();
    // Before it is replaced and after, when the new one has no replica.
    expect(await refusedOf(users)).toHaveLength(users.length);
    await eventually('it is replaced', async () => isPrimary(old));
    await lost.start();
    await eventually('it follows', async () => hasReplica(old));
    await untilAllAgree();
    expect(await refusedOf(users)).toEqual([]);
  }, 60_000);

  it('F23 go on while the old primary still accepts connections and says nothing', async () => {
    const [primary, second] = [servers.nodes[0]!, patientClient(servers.replicas[0]!.url)];
    defer(() => second.disconnect());
    // So that the new primary has a replica while the old one is frozen.
    const [, third] = servers.spares;
    await replicate(third!.node, primary);
    await eventually('it has two replicas', async () => hasReplica(primary, 2));
    const users = await usersAt(0, 10, 10);
    await servers.primaries[0]!.freeze();
    try {
      const others = [second, third!.node];
      expect(await refusedOf(users)).toHaveLength(users.length);
      await eventually('it is replaced', async () => {
        const followed = await Promise.all(others.map((other) => hasReplica(other)));
        return followed.includes(true);
      });
      // Not out again: what is read goes by the client that was handed in, which waits for the old primary.
      const refused = () => refusedOf(users, sessions, signIn);
      await eventually('no request is refused', async () => (await refused()).length === 0);
      expect(await refused()).toEqual([]);
    } finally {
      await servers.primaries[0]!.thaw();
    }
  }, 90_000);

  const untilAllAgree = () =>
    eventually('all agree on who is the primary of what', async () => {
      const accounts = await Promise.all(servers.nodes.map(ownersToldBy));
      return new Set(accounts).size === 1;
    });
});

async function failOver(url: string): Promise<void> {
  await asked(url, async (replica) => {
    await replica.call('CLUSTER', 'FAILOVER');
    await eventually('it is the primary', () => isPrimary(replica));
    await eventually('it has a replica', () => hasReplica(replica));
  });
}

async function asked<T>(url: string, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

async function isPrimary(node: Redis): Promise<boolean> {
  return (await node.info('replication')).includes('role:master');
}

async function hasReplica(node: Redis, count = 1): Promise<boolean> {
  const told = await node.info('replication');
  return told.includes('role:master') && (told.match(/state=online/g) ?? []).length >= count;
}

/** How many connections wait for a replica. */
async function blockedOn(node: Redis): Promise<number> {
  return Number(/blocked_clients:(\d+)/.exec(await node.info('clients'))?.[1]);
}

/** Which primary has which slots, by the account of one node. */
async function ownersToldBy(node: Redis): Promise<string> {
  const ranges = (await node.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  return ranges
    .map(([first, last, [, port]]) => `${first}-${last}: ${port}`)
    .toSorted()
    .join('\n');
}
