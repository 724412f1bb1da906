import { SessionError } from '../session.errors.js';
import { ownWords } from './own-words.js';

const TIMEOUT = 'TimeoutError';

/**
 * Redis answered with something else than what was asked: the replies on this connection are out of step, and nothing
 * that it says can be believed.
 */
export class OutOfStepError extends SessionError {
  constructor() {
    super(
      'SESSION_STORE',
      'Redis answered with something else than what was asked, so the answer was thrown away. The replies on this connection are out of step; try again in a moment.',
    );
  }
}

/** While nothing is asked of Redis, because it did not answer a moment ago. */
export class RestingError extends SessionError {
  constructor() {
    super(
      'SESSION_STORE',
      'Redis did not answer a moment ago, so it was not asked again just now. Try again in a moment.',
    );
  }
}

/** It was carried out, and is not known to be as safe as was asked for. */
export class NotDurableError extends SessionError {
  constructor(reason: string) {
    super(
      'SESSION_STORE',
      `The change was carried out, but it is not known to be durable: ${reason}.`,
    );
  }
}

/** Whether this says that Redis is away, and not that it refused a command. */
export function isOutage({ cause }: SessionError): boolean {
  const { name = '', message = '' } = cause instanceof Error ? cause : {};
  return name === TIMEOUT || /connection|ECONN|EPIPE|ETIMEDOUT|stream/i.test(message);
}

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

/** @param option what the time limit is made of. */
export function timeoutError(timeoutMs: number, option = 'storeTimeoutMs'): SessionError {
  return new SessionError(
    'SESSION_STORE',
    `Redis did not answer within ${timeoutMs} ms (${option}). It is away, frozen or overloaded; try again in a moment.`,
    { cause: Object.assign(new Error('no answer in time'), { name: TIMEOUT }) },
  );
}

/** What kind of failure it was, of few: for counting. In capitals what Redis said first, in small letters what it did not say. */
export function failureOf(error: unknown): string {
  if (error instanceof OutOfStepError) return 'out_of_step';
  if (error instanceof RestingError) return 'resting';
  if (error instanceof NotDurableError) return 'not_durable';
  const { cause } = error as { cause?: unknown };
  if (!(cause instanceof Error)) return 'other';
  if (cause.name === 'ReplyError') return /^[A-Z]+/.exec(cause.message)?.[0] ?? 'other';
  if (cause.name === TIMEOUT) return 'timeout';
  return isOutage(error as SessionError) ? 'connection' : 'other';
}

/** Whether Redis holds something else than what a command of ours expects under a key of ours. */
export function isWrongType(error: unknown): boolean {
  return saidBy(error).startsWith('WRONGTYPE');
}

/** What Redis said, of an error that {@link storeError} made; empty if it said nothing. */
export function saidBy(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error ? cause.message : '';
}

function reasonOf(error: unknown): string {
  // What ioredis says here is advice for whoever sets its options, and those are set.
  if (error instanceof Error && error.name === 'MaxRetriesPerRequestError') {
    return 'the connection was lost before the answer came';
  }
  if (!(error instanceof Error)) return 'the client gave no reason';
  const { code } = error as { code?: unknown };
  const said = ownWords(error.message);
  return [typeof code === 'string' ? code : '', said].filter(Boolean).join(': ') || error.name;
}
