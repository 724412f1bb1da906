import { type Finding, ok, unknown } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

/** An instance takes one connection for requests, more for events and durable writes; a rollout has twice the instances. */
const FEWEST_LEFT = 20;

/** Whether Redis closes connections that are idle. */
export function checkTimeout({ config }: ServerFacts): Finding {
  const check = 'timeout';
  const value = config.get(check);
  if (value === undefined) return unknown(check, 'the user may not ask for it');
  if (value === '0') return ok(check, '0');
  return {
    check,
    severity: 'warning',
    finding: `${value}: Redis closes connections that are idle for ${value} s, and a request that is sent at that moment gets 503`,
    advice: 'Set timeout 0. Redis finds dead connections by tcp-keepalive.',
  };
}

/** Whether an instance that starts gets a connection. */
export function checkMaxclients({ info, config }: ServerFacts): Finding {
  const check = 'maxclients';
  const most = Number(info.get('maxclients') ?? config.get('maxclients'));
  const taken = Number(info.get('connected_clients'));
  if (!Number.isFinite(most - taken)) return unknown(check, 'the user may not ask for it');
  const finding = `${taken} of ${most} connections are taken`;
  if (most - taken >= FEWEST_LEFT && taken < 0.75 * most) return ok(check, finding);
  return {
    check,
    severity: 'warning',
    finding: `${finding}: an instance that gets none answers 503`,
    advice:
      'Raise maxclients, and the limit of open files with it: during a rollout there are twice as many instances.',
  };
}
