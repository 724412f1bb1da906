import type { Finding } from '../finding.js';
import { ok } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

const CHECK = 'version';

/** Known defects that concern sessions. */
export function checkVersion({ info }: ServerFacts): Finding {
  const valkey = info.get('valkey_version');
  if (valkey) return ok(CHECK, `Valkey ${valkey}`);
  const version = info.get('redis_version') ?? '0';
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const finding = `Redis ${version}`;
  if (major < 6 || (major === 6 && minor < 2)) {
    const advice = 'Upgrade: this library is tested with 7.0 and later.';
    return { check: CHECK, severity: 'problem', finding, advice };
  }
  if (major === 7 && minor === 4 && patch < 3) {
    return {
      check: CHECK,
      severity: 'note',
      finding: `${finding}, whose WAITAOF answers before the disk has the write`,
      advice: 'Do not rely on WAITAOF, or upgrade to 7.4.3 or 8.0.',
    };
  }
  return ok(CHECK, finding);
}
