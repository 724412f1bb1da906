import { assertSafe } from './assert-safe.js';

const info = (version: string, more = '') => `# Server\r\nredis_version:${version}\r\n${more}`;

const SETTINGS = { durableReplicas: 1, durableTimeoutMs: 100 };

describe('what Redis says of how safe a write is', () => {
  it('is believed when a replica, or its disk, has it', () => {
    expect(() => assertSafe('replica', [1], SETTINGS)).not.toThrow();
    expect(() => assertSafe('disk', [info('8.0.2'), [1, 0]], SETTINGS)).not.toThrow();
    expect(() => assertSafe('disk', [info('7.4.3'), [1, 0]], SETTINGS)).not.toThrow();
    expect(() => assertSafe('disk', [info('7.2.4'), [1, 0]], SETTINGS)).not.toThrow();
  });

  it.each(['7.4.0', '7.4.1', '7.4.2'])('is not believed of the disk on Redis %s', (version) => {
    expect(() => assertSafe('disk', [info(version), [1, 0]], SETTINGS)).toThrow(
      /answers WAITAOF before its disk has the write.*7\.4\.3.*appendfsync always/,
    );
    expect(() => assertSafe('replica', [1], SETTINGS)).not.toThrow();
  });

  it('counts the replicas where several are asked for', () => {
    const two = { durableReplicas: 2, durableTimeoutMs: 100 };
    expect(() => assertSafe('replica', [2], two)).not.toThrow();
    expect(() => assertSafe('replica', [1], two)).toThrow(
      /1 of 2 replicas \(durableReplicas\) had it/,
    );
    expect(() => assertSafe('replica', [0], two)).toThrow(/no replica had it within 100 ms/);
  });

  it('is not believed of the disk on Valkey 8 and 9, which took that over', () => {
    const said = (valkey: string) => [info('7.2.4', `valkey_version:${valkey}\r\n`), [1, 0]];
    expect(() => assertSafe('disk', said('7.2.9'), SETTINGS)).not.toThrow();
    expect(() => assertSafe('disk', said('8.1.1'), SETTINGS)).toThrow(
      /Valkey 8\.1\.1 answers WAITAOF/,
    );
    expect(() => assertSafe('disk', said('9.1.2'), SETTINGS)).toThrow(
      /Valkey 9\.1\.2 answers WAITAOF/,
    );
  });

  it.each([
    ['replica' as const, [0], /no replica had it within 100 ms/],
    ['replica' as const, [], /no replica/],
    ['replica' as const, ['OK'], /no replica/],
    ['disk' as const, [info('8.0.2'), [0, 1]], /the disk of Redis did not have it/],
    ['disk' as const, [info('8.0.2'), null], /the disk of Redis did not have it/],
    [
      'disk' as const,
      [info('7.0.15'), new Error("ERR unknown command 'WAITAOF', with args beginning with: 1")],
      /does not know WAITAOF\. Use Redis 7\.2/,
    ],
    [
      'disk' as const,
      [
        info('8.0.2'),
        new Error('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.'),
      ],
      /append-only file is switched off/,
    ],
    [
      'replica' as const,
      [new Error("NOPERM User shop has no permissions to run the 'wait' command")],
      /\+@connection/,
    ],
    ['replica' as const, [new Error('UNBLOCKED force unblock')], /it said UNBLOCKED/],
  ])('is an error that says what to do: %s %j', (durability, said, message) => {
    expect(() => assertSafe(durability, said, SETTINGS)).toThrow(message);
    expect(() => assertSafe(durability, said, SETTINGS)).toThrow(
      /carried out, but it is not known/,
    );
  });
});
