/**
 * How safe a write must be before it is answered with yes. `replica`: a replica holds it as well, so it outlives the
 * loss of the primary. `disk`: the primary has it on its disk, so it outlives a power cut.
 */
export type Durability = 'replica' | 'disk';

/** Options of what can be asked to be durable. */
export interface DurableOptions {
  /**
   * Waits until the write is that safe, and rejects with `SESSION_STORE` when it is not within `durableTimeoutMs`: it was
   * carried out then, and a crash at that moment may undo it. Left out: Redis' own settings decide what a crash can lose.
   */
  readonly durable?: Durability | undefined;
}
