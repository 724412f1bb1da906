import { type Finding, ok } from '../finding.js';
import type { InfoFacts } from '../server-facts.js';

const CHECK = 'persistence';

/** What a restart or a power cut loses. */
export function checkPersistence({ info, config }: InfoFacts): Finding {
  if (info.get('aof_last_write_status') === 'err' || info.get('rdb_last_bgsave_status') === 'err') {
    return {
      check: CHECK,
      severity: 'problem',
      finding: 'the last write to disk failed',
      advice: 'Look into the log of Redis: is the disk full, or the folder not writable?',
    };
  }
  if (info.get('aof_enabled') === '1') return ofAppendOnlyFile(config?.get('appendfsync'));
  const snapshots = config?.get('save');
  if (snapshots === '') {
    return {
      check: CHECK,
      severity: 'problem',
      finding: 'nothing is written to disk: a restart signs everybody out',
      advice: 'Set appendonly yes.',
    };
  }
  return {
    check: CHECK,
    severity: 'warning',
    finding:
      snapshots === undefined
        ? 'no append-only file: a crash loses all since the last snapshot, if there is one'
        : 'snapshots only: a crash loses all since the last one, and brings back who signed out since',
    advice: 'Set appendonly yes.',
  };
}

function ofAppendOnlyFile(appendfsync: string | undefined): Finding {
  if (appendfsync === 'no') {
    return {
      check: CHECK,
      severity: 'warning',
      finding: 'append-only file, written to disk whenever the system likes',
      advice: 'Set appendfsync everysec, or always.',
    };
  }
  const loss = appendfsync === 'everysec' ? '; a power cut loses a second' : '';
  return ok(CHECK, `append-only file, appendfsync ${appendfsync ?? 'not to be seen'}${loss}`);
}
