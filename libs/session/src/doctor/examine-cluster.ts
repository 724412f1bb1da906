import type { RedisClient } from '../redis-client.js';
import { checkCoverage, checkNode, type SeenNode } from './checks/cluster.js';
import { checkSearchIndex } from './checks/search-index.js';
import { checkClocks } from './checks/time.js';
import { clusterNodesOf } from './cluster-nodes.js';
import { type Examined, examineServer } from './examine-server.js';
import { type Finding, unknown } from './finding.js';
import { type Answer, askCluster, askServer, type ClusterClient } from './own-connection.js';
import { type Clock, clockOf, isForbidden } from './server-facts.js';

/** Of a look that follows a command that has waited in vain. */
const SHORT_PATIENCE_MS = 2000;

/** What one server of a Cluster tells; `primary` only where it is one. */
interface Told {
  readonly clock: Clock;
  /** `CLUSTER NODES`, and `cluster_state` of `CLUSTER INFO`; `undefined` where the user may not ask. */
  readonly nodes: string | undefined;
  readonly state: string | undefined;
  readonly primary: Examined | undefined;
}

interface Asked {
  readonly address: string;
  readonly answer: Answer<Told>;
}

/** Every server of a Cluster, those that do not answer included, and the whole. */
export async function examineCluster(client: RedisClient, keyPrefix: string): Promise<Finding[]> {
  const [asked, index] = await Promise.all([
    askAll(client, (server) => examineServer(server, keyPrefix)),
    askCluster(client, (cluster) => checkSearchIndex(cluster, keyPrefix)),
  ]);
  const told = asked.flatMap(({ answer }) => ('value' in answer ? [answer.value] : []));
  const findings = asked.flatMap(({ address, answer }) =>
    'value' in answer && answer.value.primary
      ? answer.value.primary.findings.map((finding) => ({
          ...finding,
          check: `${address}: ${finding.check}`,
        }))
      : [],
  );
  const clocks = told.map(({ clock }) => clock);
  return [
    ...findingsOfCluster(asked),
    ...findings,
    checkClocks(clocks, asked.length - told.length),
    ...('value' in index ? index.value : [unknown('search index', `no answer (${index.reason})`)]),
  ];
}

/** For a command that a Cluster has refused: a sentence for each server, and one for the whole. */
export async function lookAtCluster(client: RedisClient): Promise<Finding[]> {
  return findingsOfCluster(await askAll(client, async () => undefined, SHORT_PATIENCE_MS));
}

async function askAll(
  client: RedisClient,
  examine: (server: RedisClient) => Promise<Examined | undefined>,
  patienceMs?: number,
): Promise<Asked[]> {
  const servers = await askCluster(client, async (cluster) => serversOf(cluster), patienceMs);
  if ('reason' in servers) {
    throw new Error(`no server of the Cluster answers: ${servers.reason}`);
  }
  const asked = await Promise.all(
    servers.value.map(async ({ server, isPrimary }) => {
      const { host, port } = server.options ?? {};
      const tell = async (own: RedisClient): Promise<Told> => {
        const [clock, nodes, info, primary] = await Promise.all([
          clockOf(own),
          permitted(own.call('CLUSTER', 'NODES')),
          permitted(own.call('CLUSTER', 'INFO')),
          isPrimary ? examine(own) : undefined,
        ]);
        const state = isPrimary ? /^cluster_state:(\w+)/m.exec(info ?? '')?.[1] : undefined;
        return { clock, nodes, state, primary };
      };
      const answer = await askServer(server, undefined, tell, patienceMs);
      return { address: `${host}:${port}`, answer };
    }),
  );
  if (asked.every(({ answer }) => 'reason' in answer)) {
    const reasons = asked.map(
      ({ address, answer }) => `${address} ${'reason' in answer ? answer.reason : ''}`,
    );
    throw new Error(`no server of the Cluster answers: ${reasons.join(', ')}`);
  }
  return asked;
}

function serversOf(cluster: ClusterClient) {
  const ofRole = (role: 'master' | 'slave') =>
    cluster.nodes(role).map((server) => ({ server, isPrimary: role === 'master' }));
  return [...ofRole('master'), ...ofRole('slave')];
}

function findingsOfCluster(asked: readonly Asked[]): Finding[] {
  const told = asked.flatMap(({ answer }) => ('value' in answer ? [answer.value] : []));
  const states = told.flatMap(({ state }) => state ?? []);
  const text = told.find(({ nodes }) => nodes !== undefined)?.nodes;
  const nodes = clusterNodesOf(text ?? '');
  const seen: SeenNode[] = asked.map(({ address, answer }) => ({
    address,
    node: nodes.find(({ addresses }) => addresses.includes(address)),
    silence: 'reason' in answer ? answer.reason : undefined,
    isAsked: true,
  }));
  // A replica that failed is not among those that a client is told of.
  const others = nodes
    .filter((node) => !seen.some((known) => known.node === node))
    .map((node) => ({
      address: node.addresses[0] ?? node.id,
      node,
      silence: undefined,
      isAsked: false,
    }));
  const all = [...seen, ...others];
  const coverage =
    text === undefined ? unknown('cluster', 'the user may not ask') : checkCoverage(all, states);
  return [coverage, ...all.map(checkNode)];
}

async function permitted(answer: Promise<unknown>): Promise<string | undefined> {
  try {
    return String(await answer);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
