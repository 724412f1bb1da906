import { UsageError } from './exit-code.js';

/** What no id looks like: a URL, a host with a port, a port, or the path of a socket. */
export function isAddress(text: string): boolean {
  return /:|^\/|^\d{1,5}$/.test(text);
}

/**
 * @param given as it was typed; `undefined` where it was not.
 * @throws {UsageError} that repeats nothing of it: it may hold a password.
 */
export function readUrl(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const url = given ?? env['REDIS_URL'] ?? '';
  if (url === '') {
    throw new UsageError('Say which Redis, such as redis://localhost:6379, or set REDIS_URL.');
  }
  const [, scheme, rest] = /^(.*?):\/\/(.*)$/s.exec(url) ?? [];
  if (scheme === undefined) return url;
  if (!/^rediss?$/.test(scheme)) {
    throw new UsageError('The URL of a Redis begins with redis:// or rediss://.');
  }
  // What comes before it would be taken for the host, and stand in errors.
  if (/[/?#].*@/s.test(rest!)) {
    throw new UsageError(
      'The URL has an @ behind its host. Write the / ? # and @ of a password as %2F %3F %23 and %40.',
    );
  }
  return url;
}
