import type { Durability } from '../../core/durability.js';
import { answersWaitaofEarly } from '../../early-waitaof.js';
import { NotDurableError } from '../store-error.js';

export interface DurabilitySettings {
  readonly durableReplicas: number;
  readonly durableTimeoutMs: number;
}

/**
 * Whether what Redis said means that the writes before it are safe.
 *
 * @param said the answer to `WAIT`, or those to `INFO server` and `WAITAOF`; an `Error` where it refused.
 * @throws {SessionError} `SESSION_STORE` if it does not.
 */
export function assertSafe(
  durability: Durability,
  said: readonly unknown[],
  { durableReplicas, durableTimeoutMs }: DurabilitySettings,
): void {
  const refusal = said.find((reply) => reply instanceof Error);
  if (refusal) throw new NotDurableError(adviceOn(refusal.message));
  if (durability === 'disk') assertHonest(String(said[0]));
  const isOnDisk = durability === 'disk';
  const copies = isOnDisk ? (said[1] as unknown[])?.[0] : said[0];
  if (typeof copies === 'number' && copies >= (isOnDisk ? 1 : durableReplicas)) return;
  const had = isOnDisk ? 'the disk of Redis did not have it' : missedBy(copies, durableReplicas);
  const advice = isOnDisk
    ? 'With appendfsync everysec that takes up to a second and more; look at the disk'
    : 'Check that the primary has as many replicas, and that they are connected';
  throw new NotDurableError(`${had} within ${durableTimeoutMs} ms (durableTimeoutMs). ${advice}`);
}

function missedBy(copies: unknown, durableReplicas: number): string {
  if (!copies || durableReplicas === 1) return 'no replica had it';
  return `${String(copies)} of ${durableReplicas} replicas (durableReplicas) had it`;
}

function assertHonest(info: string): void {
  const [, version = ''] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [, valkey] = /^valkey_version:(\S+)/m.exec(info) ?? [];
  const product = valkey === undefined ? 'Redis' : 'Valkey';
  if (!answersWaitaofEarly(product, valkey ?? version)) return;
  throw new NotDurableError(
    `${product} ${valkey ?? version} answers WAITAOF before its disk has the write. Use Redis 7.4.3 or later, or appendfsync always, with which every answer is on disk and nothing needs to be asked for`,
  );
}

function adviceOn(message: string): string {
  if (/unknown command/i.test(message)) {
    return 'it does not know WAITAOF. Use Redis 7.2 or later, or appendfsync always, with which every answer is on disk';
  }
  if (/appendonly/i.test(message)) return 'its append-only file is switched off (appendonly no)';
  if (/NOPERM/i.test(message)) return 'its user may not ask. Allow +@connection and +info';
  return `it said ${message.split(/,? with args|\n/)[0]!.slice(0, 200)}`;
}
