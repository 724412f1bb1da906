import type { ServerFacts } from '../server-facts.js';
import { checkWaitaof } from './waitaof.js';

const facts = (
  info: Record<string, string>,
  appendfsync: string | undefined = 'everysec',
): ServerFacts => ({
  info: new Map(Object.entries({ aof_enabled: '1', ...info })),
  config: new Map(appendfsync === undefined ? [] : [['appendfsync', appendfsync]]),
  clock: { aheadMs: 0, errorMs: 1 },
  sampledKeys: 0,
  keysWithoutTtl: 0,
  foreignKeys: 0,
  layouts: new Map(),
});
const redis = (version: string) => ({ redis_version: version });
const valkey = (version: string) => ({ redis_version: '7.2.4', valkey_version: version });

describe("the doctor, asked whether durable: 'disk' can be relied on", () => {
  it.each([redis('7.2.0'), redis('7.4.3'), redis('8.0.2'), redis('8.10.1'), valkey('7.2.5')])(
    'says yes at %o',
    (info) => {
      expect(checkWaitaof(facts(info))).toMatchObject({ severity: 'ok' });
    },
  );

  it.each([redis('7.4.0'), redis('7.4.2'), valkey('8.0.1'), valkey('8.1.1'), valkey('9.1.2')])(
    'says no at %o, which answers before the disk has the write; but not if each write goes there at once',
    (info) => {
      const { severity, finding } = checkWaitaof(facts(info));
      expect(severity).toBe('note');
      expect(finding).toMatch(/answers before the disk has the write, so .* cannot be relied on$/);
      expect(checkWaitaof(facts(info, 'always')).severity).toBe('ok');
    },
  );

  it.each<[string, ServerFacts]>([
    ['there is no such command', facts(redis('7.0.15'))],
    ['there is no append-only file', facts({ ...redis('8.0.2'), aof_enabled: '0' })],
    ['the disk is left to the system', facts(redis('8.0.2'), 'no')],
  ])('says no where %s', (_, given) => {
    expect(checkWaitaof(given).finding).toMatch(/cannot be relied on$/);
  });

  it('cannot tell where it may not ask for appendfsync, unless the version says no', () => {
    const { config: _, ...rest } = facts(redis('8.0.2'));
    expect(checkWaitaof({ ...rest, config: new Map() }).severity).toBe('unknown');
    const broken = facts(redis('7.4.1'));
    expect(checkWaitaof({ ...broken, config: new Map() }).severity).toBe('note');
  });
});
