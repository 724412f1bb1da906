import { SessionError } from '../session.errors.js';

/**
 * How safe a write must be before it is answered with yes. `replica`: a replica holds it as well, so it outlives the
 * loss of the primary. `disk`: the primary has it on its disk, so it outlives a power cut.
 */
export type Durability = 'replica' | 'disk';

/** Options of what can be asked to be durable. */
export interface DurableOptions {
  /**
   * Waits until the write is that safe, and rejects with `SESSION_STORE` when it is not within `durableTimeoutMs`: it was
   * carried out then, and a crash at that moment may undo it. Left out: Redis' own settings decide what a crash can lose. Anything
   * else is `SESSION_STATE`, and nothing is written.
   */
  readonly durable?: Durability | undefined;
}

/** @throws {SessionError} `SESSION_STATE` for what is neither left out nor a {@link Durability}: a mistyped one would be no promise. */
export function assertDurability(durable: unknown): asserts durable is Durability | undefined {
  if (durable === undefined || durable === 'replica' || durable === 'disk') return;
  const is = typeof durable === 'string' ? JSON.stringify(durable.slice(0, 40)) : typeof durable;
  throw new SessionError(
    'SESSION_STATE',
    `The option durable must be "replica" or "disk", or left out; it is ${is}.`,
  );
}
