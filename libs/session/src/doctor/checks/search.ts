import { type Finding, ok } from '../finding.js';
import type { InfoFacts } from '../server-facts.js';

/** Whether questions across sessions can be asked. */
export function checkSearch({ info }: InfoFacts): Finding {
  const check = 'search';
  // INFO has a line for each module: module:name=search,ver=21005,…
  const version = /name=search,ver=(\d+)/.exec(info.get('module') ?? '')?.[1];
  if (version !== undefined) return ok(check, `Redis Search ${version}`);
  return {
    check,
    severity: 'note',
    finding: 'no Redis Search',
    advice: 'Only SessionSearch needs it: use Redis 8 or Redis Stack.',
  };
}
