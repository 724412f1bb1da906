import { Readable } from 'node:stream';
import { Logger } from '@nestjs/common';
import { SessionError } from 'nestjs-redis-session';

export const JSON_LINES = 'application/x-ndjson';

export type Work = (say: (line: object) => void, signal: AbortSignal) => Promise<object>;

/**
 * A body of JSON, line by line: what the work says while it goes on, and at last what it resolves to, or an `error`.
 * When the visitor hangs up, the framework destroys the stream, and that stops the work.
 */
export function jsonLines(work: Work): Readable {
  const stopping = new AbortController();
  const lines = new Readable({
    read: () => undefined,
    destroy: (error, done) => {
      stopping.abort();
      done(error);
    },
  });
  const say = (line: object) => {
    if (!lines.destroyed) lines.push(`${JSON.stringify(line)}\n`);
  };
  void work(say, stopping.signal)
    .then(say, (error: unknown) => say({ error: forVisitors(error) }))
    .then(() => lines.push(null));
  return lines;
}

/** The status has been sent long ago, so the error is told in the last line. */
function forVisitors(error: unknown) {
  if (error instanceof SessionError && error.statusCode !== 500) {
    return {
      // Operators are told what is missing of Search.
      message: error.code === 'SESSION_SEARCH' ? error.message : error.publicMessage,
      code: error.code,
    };
  }
  new Logger('Operations').error(error);
  return { message: 'Internal server error' };
}
