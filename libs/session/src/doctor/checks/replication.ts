import { type Finding, ok } from '../finding.js';
import type { InfoFacts } from '../server-facts.js';

/** Who has the writes besides. */
export function checkReplication({ info, config }: InfoFacts): Finding {
  const check = 'replication';
  if (info.get('role') === 'slave') {
    return {
      check,
      severity: 'problem',
      finding: 'this is a replica: it shows old sessions and takes no writes',
      advice: 'Connect to the primary, by Sentinel or Cluster where there are several servers.',
    };
  }
  const replicas = Number(info.get('connected_slaves') ?? 0);
  if (replicas === 0) {
    return {
      check,
      severity: 'note',
      finding: 'a primary without replicas',
      advice: 'Add one if sessions must survive the loss of this server.',
    };
  }
  const counted = replicas === 1 ? '1 replica' : `${replicas} replicas`;
  if (config?.get('min-replicas-to-write') === '0') {
    return {
      check,
      severity: 'note',
      finding: `a primary with ${counted}, which also takes writes that no replica has`,
      advice: 'Set min-replicas-to-write 1: a primary that is cut off loses what it takes.',
    };
  }
  return ok(check, `a primary with ${counted}`);
}
