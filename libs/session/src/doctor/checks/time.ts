import { type Finding, ok, unknown } from '../finding.js';
import type { Clock, ServerFacts } from '../server-facts.js';

const MOST_MS = 1000;
const ADVICE = 'Let NTP set them: a replica whose clock is ahead ends sessions when it takes over.';

/** Whether the clocks agree. Redis' own decides; after a failover another one does. */
export function checkClock({ clock, info }: ServerFacts): Finding {
  const check = 'clock';
  const seconds = (Math.abs(clock.aheadMs) / 1000).toFixed(1);
  if (Math.abs(clock.aheadMs) - clock.errorMs > MOST_MS) {
    const finding = `${seconds} s ${clock.aheadMs > 0 ? 'ahead of' : 'behind'} the clock here`;
    return { check, severity: 'warning', finding, advice: ADVICE };
  }
  const agrees = 'agrees with the clock here';
  const replicas = Number(info.get('connected_slaves') ?? 0);
  if (replicas === 0 || info.get('cluster_enabled') === '1') return ok(check, agrees);
  return {
    check,
    severity: 'note',
    finding: `${agrees}; of the clocks of its replicas (${replicas}) nothing is known here`,
    advice:
      'Let the doctor look at each replica as well: the clock of the one that takes over decides.',
  };
}

/** Whether the clocks of a Cluster agree with each other. @param silent how many servers did not tell. */
export function checkClocks(clocks: readonly Clock[], silent = 0): Finding {
  const check = 'clocks';
  const earliest = Math.min(...clocks.map(({ aheadMs, errorMs }) => aheadMs + errorMs));
  const latest = Math.max(...clocks.map(({ aheadMs, errorMs }) => aheadMs - errorMs));
  const apartMs = latest - earliest;
  if (apartMs > MOST_MS) {
    const finding = `those of ${clocks.length} servers are ${(apartMs / 1000).toFixed(1)} s apart`;
    return { check, severity: 'warning', finding, advice: ADVICE };
  }
  if (silent > 0) return unknown(check, `${silent} of the servers did not tell the time`);
  return ok(check, `those of ${clocks.length} servers agree, replicas included`);
}

/** Every key of a session has a time to live. */
export function checkLifetimes({ sampledKeys, keysWithoutTtl }: ServerFacts): Finding {
  const check = 'times to live';
  if (sampledKeys === undefined) return unknown(check, 'the user may not look at keys');
  if (keysWithoutTtl === 0)
    return ok(check, `all of ${sampledKeys} keys that were looked at have one`);
  return {
    check,
    severity: 'problem',
    finding: `${keysWithoutTtl} of ${sampledKeys} keys that were looked at would stay for ever`,
    advice:
      'Something else writes to keys that begin with "session". Find it, and delete these keys.',
  };
}
