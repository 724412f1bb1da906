/** A reader's own server may hold other data and serve others, so it is neither counted nor crashed. */
const isSomebodyElses = Boolean(process.env['REDIS_URL']);

/** For tests that need a Redis to themselves; without one they are reported as skipped, with the reason. */
export const describeWithOwnRedis = isSomebodyElses ? skipped(describe) : describe;
export const itWithOwnRedis = isSomebodyElses ? skipped(it) : it;

type Block = (name: string, run: () => void) => void;

function skipped(block: { skip: unknown }): Block {
  const skip = block.skip as Block;
  return (name, run) => skip(`${name} (needs a Redis of its own, and REDIS_URL is set)`, run);
}
