import { type Finding, ok, unknown } from '../finding.js';
import type { Clock, ServerFacts } from '../server-facts.js';

const MOST_MS = 1000;
const ADVICE = 'Let NTP set them: a replica whose clock is ahead ends sessions when it takes over.';

/** Whether the clocks agree. Redis' own decides; after a failover another one does. */
export function checkClock({ clock }: ServerFacts): Finding {
  const check = 'clock';
  const seconds = (Math.abs(clock.aheadMs) / 1000).toFixed(1);
  if (Math.abs(clock.aheadMs) - clock.errorMs > MOST_MS) {
    const finding = `${seconds} s ${clock.aheadMs > 0 ? 'ahead of' : 'behind'} the clock here`;
    return { check, severity: 'warning', finding, advice: ADVICE };
  }
  return ok(check, 'agrees with the clock here');
}

/** Whether the clocks of servers that may take over agree with each other. @param silent how many servers did not tell. */
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
