/** What express-session keeps beside the fields of the application. */
interface OldCookie {
  readonly expires?: unknown;
}

/** What connect-redis has stored. */
export interface StoredText {
  readonly text: string;
  /** Whether Redis will remove it some day. */
  readonly isExpiring: boolean;
}

/**
 * Reads what connect-redis has stored, with its usual serializer. It is alive for as long as Redis keeps it, as it is for
 * express-session: `cookie.expires` says when it was last written, and reading slides the time to live alone. Only where
 * nothing else ends it (`disableTTL`) does that moment count.
 *
 * @returns `undefined` when its time is over, or `'foreign'` when it is no session.
 */
export function oldSessionOf<Old>({ text, isExpiring }: StoredText): Old | 'foreign' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'foreign';
  }
  const { cookie } = (value ?? {}) as { cookie?: OldCookie };
  if (typeof cookie !== 'object' || cookie === null || Array.isArray(value)) return 'foreign';
  const isOver = !isExpiring && cookie.expires && Date.parse(String(cookie.expires)) <= Date.now();
  return isOver ? undefined : (value as Old);
}
