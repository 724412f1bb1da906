import { type Finding, ok, unknown } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

const MOST_MS = 1000;

/** Whether the clocks agree. Redis' own decides; after a failover another one does. */
export function checkClock({ clockAheadMs, clockErrorMs }: ServerFacts): Finding {
  const check = 'clock';
  const seconds = (Math.abs(clockAheadMs) / 1000).toFixed(1);
  if (Math.abs(clockAheadMs) - clockErrorMs <= MOST_MS)
    return ok(check, 'agrees with the clock here');
  return {
    check,
    severity: 'warning',
    finding: `${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the clock here`,
    advice: 'Let NTP set both: a replica whose clock is ahead ends sessions when it takes over.',
  };
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
