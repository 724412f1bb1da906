import { totalSkipped, wordsOfSkipped } from '../../core/skipped-sessions.js';
import type { RedisClient } from '../../redis-client.js';
import { type Finding, ok, unknown } from '../finding.js';
import { type IndexFacts, indexesOf } from '../index-facts.js';
import { isForbidden } from '../server-facts.js';

const CHECK = 'search index';
/** Instances say every minute that they use an index. */
const UNUSED_MS = 180_000;
/** Instances of two versions side by side for longer are hardly a rollout. */
const ROLLOUT_MS = 3_600_000;

/** Whether questions across sessions are answered, and by all sessions. Nothing is said where there is no index. */
export async function checkSearchIndex(client: RedisClient, keyPrefix: string): Promise<Finding[]> {
  try {
    const { indexes, alias } = await indexesOf(client, keyPrefix);
    if (indexes.length === 0) return [];
    return [
      ...indexes.map(findingOf),
      ...aliasFinding(alias, indexes),
      ...applicationsFinding(indexes),
    ];
  } catch (error) {
    if (/unknown command/i.test(messageOf(error))) return [];
    if (isForbidden(error)) return [unknown(CHECK, 'the user may not look at indexes')];
    if (!/^(MOVED|CROSSSLOT)/.test(messageOf(error))) throw error;
    return [
      unknown(CHECK, 'this is one server of a Cluster, and a client of the Cluster has to ask'),
    ];
  }
}

function findingOf({
  version,
  isComplete,
  progress,
  unusedMs,
  documents,
  failures,
  skipped,
}: IndexFacts): Finding {
  const warning = (finding: string, advice: string): Finding => ({
    check: CHECK,
    severity: 'warning',
    finding: `${version}: ${finding}`,
    advice,
  });
  if (failures > 0) {
    return warning(
      `${failures} times a document could not be indexed: no search finds these sessions`,
      'Ask FT.INFO for the last of these errors, and look at what the fields of the declaration hold.',
    );
  }
  if (totalSkipped(skipped) > 0) {
    return warning(
      `${wordsOfSkipped(skipped)}: no search finds them`,
      'Look at the log of the instance that filled the index. Upgrade every instance to one version; a touch or a write brings in a session, too.',
    );
  }
  if (unusedMs > UNUSED_MS) {
    return {
      check: CHECK,
      severity: 'note',
      finding: `${version}: no instance has used it for ${minutes(unusedMs)}`,
      advice: 'An instance that starts with another declaration removes it.',
    };
  }
  if (isComplete) return ok(CHECK, `${version}: full, ${documents} documents`);
  return warning(
    `filled to ${Math.floor(progress * 100)} %: until it is full SessionSearch refuses to answer`,
    'Wait; with prepareIndexAtStart: false call SessionSearch.prepare().',
  );
}

/** Two applications that declare different indexes, and whose sessions are each other's. */
function applicationsFinding(indexes: readonly IndexFacts[]): Finding[] {
  const used = indexes.filter(({ unusedMs }) => unusedMs <= UNUSED_MS);
  const togetherMs = Math.min(...used.map(({ completeMs }) => completeMs));
  if (used.length < 2 || togetherMs < ROLLOUT_MS) return [];
  return [
    {
      check: 'key prefix',
      severity: 'warning',
      finding: `${used.length} declarations of an index have been in use side by side for ${minutes(togetherMs)}: a rollout that stands still, or two applications that share their sessions`,
      advice: 'End the rollout, or give each application a keyPrefix of its own.',
    },
  ];
}

/** The name without a version, which people and dashboards use. */
function aliasFinding(alias: string | undefined, indexes: readonly IndexFacts[]): Finding[] {
  const several = indexes.length > 1 ? [`${indexes.length} versions, as during a rollout`] : [];
  const lost = alias === undefined ? ['the alias session-index leads to none of them'] : [];
  const finding = [...several, ...lost].join('; ');
  if (!finding) return [];
  const advice = lost.length > 0 ? 'The next instance that starts sets it.' : '';
  return [{ check: CHECK, severity: 'note', finding, advice }];
}

function minutes(ms: number): string {
  return ms === Infinity ? 'longer than is known' : `${Math.round(ms / 60_000)} minutes`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
