const GRACE_MS = 10;

/**
 * Calls `expire` when the time is over, and a moment more: where this process was itself held up for that long, what Redis
 * answered lies there unread, and is read before.
 *
 * @returns what calls it off.
 */
export function deadline(ms: number, expire: () => void): () => void {
  let timer = setTimeout(() => (timer = setTimeout(expire, GRACE_MS)), ms);
  return () => clearTimeout(timer);
}
