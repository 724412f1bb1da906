import { type Engine, engineOf, isBefore } from '../engine.js';
import { type Finding, ok, unknown } from '../finding.js';
import type { InfoFacts } from '../server-facts.js';

const CHECK = 'version';
const OLDEST = '6.2';

/**
 * Of each line the security release of July 2026. What it mends, and what its forerunners did (CVE-2025-49844,
 * CVE-2026-23479, CVE-2026-23631), lets whoever may send commands run programs on the server. Of a line that is not
 * here there is none.
 */
const MENDED: Record<Engine['name'], Record<string, number>> = {
  Redis: { '6.2': 23, '7.2': 15, '7.4': 10, '8.2': 8, '8.4': 5, '8.6': 5, '8.8': 1 },
  Valkey: { '7.2': 14, '8.0': 10, '8.1': 9, '9.0': 5, '9.1': 1 },
};

/** Known defects that let somebody in. */
export function checkVersion({ info }: InfoFacts): Finding {
  const engine = engineOf(info);
  const { name, version, line } = engine;
  const finding = `${name} ${version}`;
  if (!/^\d+\.\d+/.test(version)) return unknown(CHECK, 'INFO does not tell');
  if (isBefore(line, OLDEST)) {
    const advice = 'Upgrade: this library is tested with 7.0 and later.';
    return { check: CHECK, severity: 'problem', finding, advice };
  }
  const mended = releaseThatMends(engine);
  if (mended === undefined) return ok(CHECK, finding);
  return {
    check: CHECK,
    // Not more: distributions mend a version without changing its number.
    severity: 'note',
    finding: `${finding}, from before the security releases of July 2026`,
    advice: `Upgrade to ${mended} or later, unless your distribution has mended this one: whoever may send commands could take over the server.`,
  };
}

/** @returns `undefined` where nothing is to be mended. */
function releaseThatMends({ name, line, patch }: Engine): string | undefined {
  const mended = MENDED[name];
  if (mended[line] !== undefined)
    return patch < mended[line] ? `${line}.${mended[line]}` : undefined;
  const next = Object.keys(mended).find((other) => isBefore(line, other));
  return next && `${next}.${mended[next]}`;
}
