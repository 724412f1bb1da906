import { parseArgs } from 'node:util';
import { findingsTable, SessionDoctor } from '../doctor/index.js';
import { connect } from './connect.js';

interface Output {
  write(text: string): unknown;
}

/** @returns the exit code: 0 nothing is wrong, 1 there is a problem, 2 it could not be looked at. */
export async function doctor(args: string[], out: Output, err: Output): Promise<number> {
  const options = { 'key-prefix': { type: 'string' }, json: { type: 'boolean' } } as const;
  let client: Awaited<ReturnType<typeof connect>> | undefined;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [url] = positionals;
    if (!url)
      throw new Error('Say which Redis: nestjs-redis-session doctor redis://localhost:6379');
    client = await connect(url);
    const findings = await new SessionDoctor(client, values['key-prefix']).examine();
    out.write(`${values.json ? JSON.stringify(findings, null, 2) : findingsTable(findings)}\n`);
    return findings.some(({ severity }) => severity === 'problem') ? 1 : 0;
  } catch (error) {
    // The URL may hold a password, so it is not repeated.
    const { code, message } = error as NodeJS.ErrnoException;
    err.write(`The Redis could not be looked at: ${[code, message].filter(Boolean).join(', ')}\n`);
    return 2;
  } finally {
    client?.disconnect();
  }
}
