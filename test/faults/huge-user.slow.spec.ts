import { useCleanup } from '../support/cleanup.js';
import { Instance } from '../support/instance.js';
import { useRedis } from '../support/redis.js';
import { createToken, idOfToken, shardOfUser } from '../../libs/session/src/core/token.js';
import { KEYS } from './support/signed-in.js';
import { ms, useFigures } from './support/figures.js';
import { quantile } from './support/quantile.js';
import { times } from '../support/scale.js';
import { patientClient } from './support/use-fault-bench.js';

const figure = useFigures();
const defer = useCleanup();

/** Sessions like those that the library begins. */
const LOAD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do
  local key = KEYS[2] .. ARGV[i]
  redis.call('HSET', key, '~id', string.sub(ARGV[i], 1, 8), '~v', 1, '~created', now, '~seen', now,
    '~idle', 1800, '~until', now + 43200000, '~user', ARGV[1], '~auth', now, 'visits', i)
  redis.call('PEXPIRE', key, 1860000)
  redis.call('SADD', KEYS[1], ARGV[i])
end
redis.call('PEXPIRE', KEYS[1], 43200000)`;
const BATCH = 1000;
/** How many sessions the library ends in one call of a script. */
const BATCH_OF_LIBRARY = 500;

describe('when a user has a great many sessions', () => {
  const redis = useRedis();

  it('F35 a sign-out everywhere holds at once, and Redis is not kept from others meanwhile', async () => {
    const count = times(20_000, 100_000);
    const instance = await Instance.open({ redis: redis.url, storeTimeoutMs: 5000 });
    defer(() => instance.close());
    const { client } = redis;
    const ids = Array.from({ length: count }, () => idOfToken(createToken(shardOfUser('alice'))));
    const prefix = KEYS.session(ids[0]!).slice(0, -ids[0]!.length);
    for (let at = 0; at < count; at += BATCH) {
      await client.eval(LOAD, 2, KEYS.user('alice'), prefix, 'alice', ...ids.slice(at, at + BATCH));
    }
    await client.config('SET', 'slowlog-log-slower-than', '1000', 'slowlog-max-len', '1000');
    await client.slowlog('RESET');
    await client.config('RESETSTAT');

    const watch = watchStalls(redis.url);
    const startedAt = performance.now();
    let isOver = false;
    const ending = instance.service.revokeAllOfUser('alice').finally(() => (isOver = true));
    while ((await client.exists(KEYS.epoch('alice'))) === 0) await new Promise(setImmediate);
    const epochMs = performance.now() - startedAt;
    // It holds long before the last session is deleted.
    expect(isOver).toBe(false);
    expect(await ending).toBe(count);
    const allMs = performance.now() - startedAt;
    const pings = await watch.stop();

    const slow = (await client.slowlog('GET', 1000)) as [number, number, number, string[]][];
    const slowest = (name: RegExp) =>
      Math.max(0, ...slow.filter(([, , , [c]]) => name.test(c!)).map(([, , micros]) => micros)) /
      1000;
    figure('F35', `the sign-out of ${count} sessions holds after`, ms(epochMs), '20 ms');
    figure('F35', 'the last of them is deleted after', ms(allMs));
    figure('F35', 'longest that Redis deleted at a time', `${slowest(/evalsha|eval/i)} ms`, '5 ms');
    const stats = await client.info('commandstats');
    const perCall = Number(/cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(stats)?.[1]) / 1000;
    figure('F35', 'a deletion of 500 takes, on average', `${perCall.toFixed(1)} ms`, '5 ms');
    figure('F35', 'longest that Redis read the set', `${slowest(/smembers/i)} ms`, '5 ms');
    figure(
      'F35',
      `who asked from the same process waited, 99 % and most of ${pings.length}`,
      `${ms(quantile(pings, 0.99))}, ${ms(Math.max(...pings))}`,
    );
    expect(
      await client.exists(KEYS.user('alice'), ...ids.slice(0, 100).map((id) => KEYS.session(id))),
    ).toBe(0);
    // How long Redis deletes at a time is up to the machine, and how many at a time is not.
    expect(callsOf('evalsha', stats)).toBeGreaterThanOrEqual(1 + count / BATCH_OF_LIBRARY);
    expect(callsOf('smembers', stats)).toBe(0);
  }, 120_000);
});

const callsOf = (command: string, stats: string) =>
  Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);

/** How long each of many small questions takes, one after the other. */
function watchStalls(url: string): { stop(): Promise<number[]> } {
  const client = patientClient(url);
  const took: number[] = [];
  const ending = new AbortController();
  const watching = (async () => {
    while (!ending.signal.aborted) {
      const sentAt = performance.now();
      await client.ping();
      took.push(performance.now() - sentAt);
    }
  })();
  return {
    async stop() {
      ending.abort();
      await watching;
      client.disconnect();
      return took;
    },
  };
}
