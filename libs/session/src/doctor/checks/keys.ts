import { type Finding, ok, unknown } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

/** Every key of a session has a time to live. */
export function checkLifetimes({ sampledKeys, keysWithoutTtl }: ServerFacts): Finding {
  const check = 'times to live';
  if (sampledKeys === undefined) return unknown(check, 'keys may not be looked at');
  if (keysWithoutTtl === 0)
    return ok(check, `all of ${sampledKeys} keys that were looked at have one`);
  return {
    check,
    severity: 'problem',
    finding: `${keysWithoutTtl} of ${sampledKeys} keys that were looked at would stay for ever`,
    advice: 'Something else writes to keys of sessions. Find it, and delete these keys.',
  };
}

/** Whether another application has keys that begin as those of sessions do. */
export function checkPrefix({ foreignKeys }: ServerFacts): Finding[] {
  if (foreignKeys === 0) return [];
  return [
    {
      check: 'key prefix',
      severity: 'warning',
      finding: `${foreignKeys} of the keys that were looked at begin as those of sessions, and this library does not write them`,
      advice: 'Give each application a keyPrefix of its own.',
    },
  ];
}
