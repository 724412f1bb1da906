import { type Finding, ok, unknown } from '../finding.js';
import type { InfoFacts, ServerFacts } from '../server-facts.js';

const ENOUGH_LISTPACK = 512;

/** What Redis does when its memory is full. */
export function checkEviction({ info }: InfoFacts): Finding {
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  const check = 'eviction';
  if (policy === 'noeviction') return ok(check, 'noeviction');
  const hasLimit = Number(info.get('maxmemory') ?? 0) > 0;
  return {
    check,
    severity: hasLimit ? 'problem' : 'warning',
    finding: `${policy}: ${hasLimit ? 'a full memory signs users out at random' : 'without a limit of memory it does nothing yet'}`,
    advice: 'Set maxmemory-policy noeviction, in a Redis that sessions have for themselves.',
  };
}

/** How much room there is. */
export function checkHeadroom({ info }: InfoFacts): Finding {
  const check = 'memory';
  const [used, limit] = [Number(info.get('used_memory')), Number(info.get('maxmemory') ?? 0)];
  if (!Number.isFinite(used)) return unknown(check, 'INFO does not tell');
  const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`;
  if (limit === 0) {
    return {
      check,
      severity: 'note',
      finding: `${megabytes(used)} used, and no limit`,
      advice: 'Set maxmemory, so that Redis refuses writes before the system ends it.',
    };
  }
  const share = used / limit;
  const finding = `${megabytes(used)} of ${megabytes(limit)} used`;
  if (share < 0.75) return ok(check, finding);
  const advice = 'Raise maxmemory: when it is full nobody can sign in.';
  return { check, severity: share < 0.9 ? 'warning' : 'problem', finding, advice };
}

/** Up to which length a field keeps its hash in the compact form. */
export function checkListpack({ config }: ServerFacts): Finding {
  const check = 'hash-max-listpack-value';
  const value = config.get(check);
  if (value === undefined) return unknown(check, 'the user may not ask for it');
  if (Number(value) >= ENOUGH_LISTPACK) return ok(check, value);
  return {
    check,
    severity: 'note',
    finding: `${value}: one longer field doubles what a session costs`,
    advice: `Set hash-max-listpack-value ${ENOUGH_LISTPACK}.`,
  };
}
