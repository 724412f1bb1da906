import { SessionError } from '../session.errors.js';

/**
 * Turns what a client threw into `SESSION_STORE`. The cause keeps the name, the code and what Redis said; the command
 * and its arguments, which ioredis hangs on its errors, stay behind: they hold what people store.
 */
export function storeError(error: unknown): SessionError {
  if (error instanceof SessionError) return error;
  const reason = reasonOf(error);
  const cause = new Error(reason);
  if (error instanceof Error) cause.name = error.name;
  return new SessionError(
    'SESSION_STORE',
    `Redis did not do what a session needed: ${reason}. Check that Redis is up, reachable and writable; then try again.`,
    { cause },
  );
}

export function timeoutError(timeoutMs: number): SessionError {
  return new SessionError(
    'SESSION_STORE',
    `Redis did not answer within ${timeoutMs} ms (storeTimeoutMs). It is away, frozen or overloaded; try again in a moment.`,
  );
}

/** Whether Redis holds something else than what a command of ours expects under a key of ours. */
export function isWrongType(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message.startsWith('WRONGTYPE');
}

function reasonOf(error: unknown): string {
  // What ioredis says here is advice for whoever sets its options, and those are set.
  if (error instanceof Error && error.name === 'MaxRetriesPerRequestError') {
    return 'the connection was lost before the answer came';
  }
  if (!(error instanceof Error)) return 'the client gave no reason';
  const { code } = error as { code?: unknown };
  // "ERR unknown command 'X', with args beginning with: ..." repeats the arguments, and scripts name their line.
  const said =
    error.message
      .split(/,? with args|\bscript:|\n/)[0]
      ?.trim()
      .slice(0, 200) ?? '';
  return [typeof code === 'string' ? code : '', said].filter(Boolean).join(': ') || error.name;
}
