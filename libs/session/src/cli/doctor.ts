import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { findingsTable, SessionDoctor } from '../doctor/index.js';

interface Output {
  write(text: string): unknown;
}

/** @returns the exit code: 0 nothing is wrong, 1 there is a problem, 2 it could not be looked at. */
export async function doctor(args: string[], out: Output, err: Output): Promise<number> {
  const options = { 'key-prefix': { type: 'string' }, json: { type: 'boolean' } } as const;
  let client: Redis | undefined;
  // The rejection of connect() only says that the connection is closed; this one says why.
  let reason: unknown;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [url] = positionals;
    if (!url)
      throw new Error('Say which Redis: nestjs-redis-session doctor redis://localhost:6379');
    client = connectionTo(url);
    client.on('error', (error) => (reason = error));
    await client.connect();
    const findings = await new SessionDoctor(client, values['key-prefix']).examine();
    out.write(`${values.json ? JSON.stringify(findings, null, 2) : findingsTable(findings)}\n`);
    return findings.some(({ severity }) => severity === 'problem') ? 1 : 0;
  } catch (error) {
    // The URL may hold a password, so it is not repeated.
    const { code, message } = (reason ?? error) as NodeJS.ErrnoException;
    err.write(`The Redis could not be looked at: ${[code, message].filter(Boolean).join(', ')}\n`);
    return 2;
  } finally {
    client?.disconnect();
  }
}

function connectionTo(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 5000,
    commandTimeout: 5000,
    disconnectTimeout: 50,
    connectionName: 'nestjs-redis-session-doctor',
    replyMapping: 'legacy',
  } as never);
}
