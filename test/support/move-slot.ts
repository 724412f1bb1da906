import type { Redis } from 'ioredis';

const MIGRATE_TIMEOUT_MS = 5000;
const KEYS_AT_ONCE = 10;

/** A slot on its way from one primary of a Cluster to another, as `redis-cli --cluster reshard` moves it. */
export class SlotMove {
  constructor(
    private readonly slot: number,
    private readonly from: Redis,
    private readonly to: Redis,
  ) {}

  /** From now on keys that are not on the one are looked for on the other. */
  async begin(): Promise<void> {
    await this.to.call('CLUSTER', 'SETSLOT', this.slot, 'IMPORTING', await idOf(this.from));
    await this.from.call('CLUSTER', 'SETSLOT', this.slot, 'MIGRATING', await idOf(this.to));
  }

  /** @returns whether there was anything left to move. */
  async moveKeys(count = KEYS_AT_ONCE): Promise<boolean> {
    const keys = await this.from.call('CLUSTER', 'GETKEYSINSLOT', this.slot, count);
    if ((keys as string[]).length === 0) return false;
    const { host, port } = this.to.options;
    const where = [host!, port!, '', 0, MIGRATE_TIMEOUT_MS];
    await this.from.call('MIGRATE', ...where, 'KEYS', ...(keys as string[]));
    return true;
  }

  /** Moves what is left, and tells everybody; the new owner first, so that the slot always has one. */
  async finish(primaries: readonly Redis[]): Promise<void> {
    while (await this.moveKeys());
    const id = await idOf(this.to);
    for (const node of [this.to, this.from, ...primaries]) {
      await node.call('CLUSTER', 'SETSLOT', this.slot, 'NODE', id);
    }
  }
}

async function idOf(node: Redis): Promise<string> {
  return String(await node.call('CLUSTER', 'MYID'));
}
