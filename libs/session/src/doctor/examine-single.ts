import type { RedisClient } from '../redis-client.js';
import { checkReplicaPriority } from './checks/replica-priority.js';
import { checkSearchIndex } from './checks/search-index.js';
import { checkClocks } from './checks/time.js';
import { examineServer } from './examine-server.js';
import type { Finding } from './finding.js';
import { askServer, within } from './own-connection.js';
import { clockOf, linesOf } from './server-facts.js';

/** A server by itself, or a primary with its replicas: one of them may take over. */
export async function examineSingle(client: RedisClient, keyPrefix: string): Promise<Finding[]> {
  const [primary, index] = await within(
    Promise.all([examineServer(client, keyPrefix), checkSearchIndex(client, keyPrefix)]),
  );
  const ofReplicas = await checkReplicas(client, primary);
  return [...primary.findings, ...ofReplicas, ...index];
}

async function checkReplicas(
  client: RedisClient,
  { clock, replicas }: Awaited<ReturnType<typeof examineServer>>,
): Promise<Finding[]> {
  if (replicas.length === 0) return [];
  const answers = await Promise.all(replicas.map((address) => askServer(client, address, look)));
  const told = answers.flatMap((answer) => ('value' in answer ? [answer.value] : []));
  const silent = answers.length - told.length;
  return [
    ...checkReplicaPriority(
      told.map(({ priority }) => priority),
      silent,
    ),
    checkClocks([clock, ...told.map((replica) => replica.clock)], silent),
  ];
}

async function look(replica: RedisClient) {
  const clock = await clockOf(replica);
  const info = linesOf(String(await replica.call('INFO', 'replication')));
  return { clock, priority: Number(info.get('slave_priority')) };
}
