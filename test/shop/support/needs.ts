/**
 * For tests that need a Redis to themselves. A reader's own server may hold other data and serve others, so it is
 * neither counted nor crashed: they are reported as skipped then, with the reason.
 */
export const describeWithOwnRedis = process.env['REDIS_URL']
  ? (name: string, run: () => void) =>
      describe.skip(`${name} (needs a Redis of its own, and REDIS_URL is set)`, run)
  : describe;
