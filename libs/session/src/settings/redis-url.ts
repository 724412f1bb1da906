import { SessionError } from '../session.errors.js';

const EXAMPLE = 'redis://user:password@localhost:6379/0';

/**
 * Looks at a URL before the client does: what it throws may repeat the password, and it takes what it does not know for something
 * else, such as `http://` for `redis://`.
 *
 * @throws {SessionError} `SESSION_CONFIG`, saying what is wrong and repeating nothing of the URL.
 */
export function assertRedisUrl(url: string): void {
  const problem = problemOf(url.trim());
  if (problem === undefined) return;
  throw new SessionError(
    'SESSION_CONFIG',
    `SessionModule: the URL in the option redis ${problem}. It is not repeated here, since it may hold a password. An example is ${EXAMPLE}.`,
  );
}

/** @returns what is wrong with it, if anything. */
function problemOf(url: string): string | undefined {
  // The path of a socket, or a port.
  if (url.startsWith('/') || /^\d+$/.test(url)) return undefined;
  const [, scheme, rest = url] = /^([^:/?#]*):\/\/(.*)$/s.exec(url) ?? [];
  if (scheme !== undefined && !/^rediss?$/i.test(scheme)) {
    return 'has an unknown scheme: it must begin with redis:// or, for TLS, rediss://';
  }
  if (/[\s\p{Cc}]/u.test(url)) return 'contains a blank or a control character';
  return problemOfRest(rest);
}

function problemOfRest(rest: string): string | undefined {
  if (/[/?#].*@/.test(rest)) {
    return 'has an @ behind its host. Write / ? # and @ of a user name or password as %2F %3F %23 and %40';
  }
  const [, account, host, path] = /^(?:(.*)@)?([^/?#@]*)([^?#]*)/.exec(rest) ?? [];
  if (!isEncoded(account ?? '')) {
    return 'has a user name or password that is not percent-encoded. Write % as %25';
  }
  return problemOfHost(host ?? '') ?? problemOfPath(path ?? '');
}

function isEncoded(account: string): boolean {
  try {
    decodeURIComponent(account);
    return true;
  } catch {
    return false;
  }
}

function problemOfHost(host: string): string | undefined {
  const [, name, port] = /^(\[[\da-f:.]+\]|[^:[\]]*)(?::(.*))?$/i.exec(host) ?? [];
  if (name === undefined)
    return 'has a host that cannot be: it must be a name, an address, or an IPv6 address in brackets';
  if (port === undefined || port === '') return undefined;
  const isPort = /^\d{1,5}$/.test(port) && Number(port) <= 65_535;
  return isPort ? undefined : 'has a port that is not a number from 0 to 65535';
}

function problemOfPath(path: string): string | undefined {
  return /^(\/\d*)?$/.test(path) ? undefined : 'has a path that is not the number of a database';
}
