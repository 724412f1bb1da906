import { SLOTS } from '../../redis/slot-of.js';
import type { ClusterNode } from '../cluster-nodes.js';
import { type Finding, ok } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

/** A server of a Cluster: what it is there, and why it did not answer. */
export interface SeenNode {
  readonly address: string;
  /** `undefined` where the user may not ask for it. */
  readonly node: ClusterNode | undefined;
  /** Why it did not answer. */
  readonly silence: string | undefined;
  /** Not asked is what only the others know of, such as a replica that failed. */
  readonly isAsked: boolean;
}

/** A sentence for each server. */
export function checkNode({ address, node, silence, isAsked }: SeenNode): Finding {
  const check = `${address}: state`;
  const role = roleOf(node);
  const failure = node?.failure && `the Cluster says that it ${node.failure}`;
  const answer = silence ? `does not answer (${silence})` : isAsked && 'answers';
  const finding = [role, answer, failure].filter(Boolean).join('; ');
  if (!silence && !failure) return ok(check, finding);
  const serves = node === undefined || node.slots > 0;
  return {
    check,
    severity: serves ? 'problem' : 'warning',
    finding,
    advice:
      isAsked && !silence
        ? 'Look at the network between the servers, and at the port of the bus.'
        : 'Start it, or let it be reached; CLUSTER FORGET if it is no more.',
  };
}

/** Whether each session has a server. @param states what the servers that answer say of the whole. */
export function checkCoverage(nodes: readonly SeenNode[], states: readonly string[]): Finding {
  const check = 'cluster';
  const serving = nodes.filter(
    ({ node, silence }) => node && !silence && node.failure !== 'failed',
  );
  const served = serving.reduce((sum, { node }) => sum + node!.slots, 0);
  const missing = SLOTS - served;
  const failing = states.filter((state) => state !== 'ok').length;
  if (missing === 0 && failing === 0) {
    const primaries = serving.filter(({ node }) => node!.slots > 0).length;
    return ok(check, `state ok, all slots are served by ${primaries} primaries`);
  }
  const share = Math.round((100 * missing) / SLOTS);
  const slots =
    missing > 0 &&
    `${missing} of ${SLOTS} slots are not served, so requests of ${share} % of the users get 503`;
  const state =
    failing > 0 &&
    `${failing} of ${states.length} primaries that answer say that the Cluster is down, and refuse every command`;
  return {
    check,
    severity: 'problem',
    finding: [state, slots].filter(Boolean).join('; '),
    advice:
      'Start the servers that do not answer, or have a replica take over (CLUSTER FAILOVER TAKEOVER).',
  };
}

/** Whether the loss of one shard stops the others. */
export function checkFullCoverage({ info, config }: ServerFacts): Finding[] {
  const check = 'cluster-require-full-coverage';
  if (info.get('cluster_enabled') !== '1' || config.get(check) !== 'yes') return [];
  return [
    {
      check,
      severity: 'note',
      finding: 'yes: when one shard is lost, all users get 503',
      advice: 'Set cluster-require-full-coverage no: then users of the other shards go on.',
    },
  ];
}

function roleOf(node: ClusterNode | undefined): string {
  if (!node) return '';
  if (!node.isPrimary) return 'replica';
  return `primary with ${node.slots} slots`;
}
