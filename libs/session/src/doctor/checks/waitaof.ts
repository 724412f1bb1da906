import { answersWaitaofEarly } from '../../early-waitaof.js';
import { engineOf, isBefore } from '../engine.js';
import { type Finding, ok, unknown } from '../finding.js';
import type { ServerFacts } from '../server-facts.js';

const CHECK = 'waitaof';

/**
 * Whether an answer can wait until a write is on the disk, which is what `durable: 'disk'` needs. By what the server
 * says of itself: to try it out one would have to write.
 */
export function checkWaitaof({ info, config }: ServerFacts): Finding {
  const { name, version, line } = engineOf(info);
  const no = (finding: string, advice: string): Finding => ({
    check: CHECK,
    severity: 'note',
    finding: `${finding}, so durable: 'disk' cannot be relied on`,
    advice,
  });
  if (info.get('aof_enabled') !== '1') return no('no append-only file', 'Set appendonly yes.');
  const appendfsync = config.get('appendfsync');
  if (appendfsync === 'always') {
    return ok(
      CHECK,
      'not needed: with appendfsync always each write is on the disk before its answer',
    );
  }
  if (name === 'Redis' && isBefore(line, '7.2')) {
    return no(`${name} ${version} has no WAITAOF`, 'Upgrade to 7.4.3, 8.0 or later.');
  }
  if (appendfsync === 'no') {
    return no('appendfsync no: it would wait in vain', 'Set appendfsync everysec, or always.');
  }
  if (answersWaitaofEarly(name, version)) {
    const remedy = name === 'Redis' ? 'Upgrade to 7.4.3 or later, or set' : 'Set';
    return no(
      `WAITAOF of ${name} ${version} answers before the disk has the write`,
      `${remedy} appendfsync always.`,
    );
  }
  if (appendfsync === undefined) return unknown(CHECK, 'the user may not ask for appendfsync');
  return ok(
    CHECK,
    "can be relied on; with appendfsync everysec durable: 'disk' takes up to a second",
  );
}
