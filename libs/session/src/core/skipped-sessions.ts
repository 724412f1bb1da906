/** Sessions that are not in the index because of what they hold, by reason; searches do not find them. */
export interface SkippedSessions {
  /** Another version of this library wrote them, with another layout. */
  readonly unreadable: number;
  /** Redis refused their document; the log says why. */
  readonly refused: number;
  /** Others wrote to them each time. */
  readonly contested: number;
}

export type SkipReason = keyof SkippedSessions;

const WORDS: Record<SkipReason, string> = {
  unreadable: 'written by another version of nestjs-redis-session',
  refused: 'refused by Redis',
  contested: 'written to each time',
};
const REASONS = Object.keys(WORDS) as SkipReason[];

export function countSkipped(reasons: Iterable<SkipReason>): SkippedSessions {
  const counts = { unreadable: 0, refused: 0, contested: 0 };
  for (const reason of reasons) counts[reason]++;
  return counts;
}

export function totalSkipped(skipped: SkippedSessions): number {
  return REASONS.reduce((sum, reason) => sum + skipped[reason], 0);
}

/** `2 sessions are not in the index (1 refused by Redis, 1 written to each time)`. */
export function wordsOfSkipped(skipped: SkippedSessions): string {
  const total = totalSkipped(skipped);
  const each = REASONS.filter((reason) => skipped[reason] > 0);
  const why = each.map((reason) => `${skipped[reason]} ${WORDS[reason]}`).join(', ');
  return `${total} ${total === 1 ? 'session is' : 'sessions are'} not in the index (${why})`;
}

/** As the state of an index holds them: numbers with blanks between them, in the order of {@link SkippedSessions}. */
export function textOfSkipped(skipped: SkippedSessions): string {
  return REASONS.map((reason) => skipped[reason]).join(' ');
}

export function skippedOfText(text = ''): SkippedSessions {
  const [unreadable = 0, refused = 0, contested = 0] = text.split(' ').map((n) => Number(n) || 0);
  return { unreadable, refused, contested };
}
