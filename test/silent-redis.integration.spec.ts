import { setImmediate as turn } from 'node:timers/promises';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { Instance } from './support/instance.js';
import { useRedis } from './support/redis.js';
import { useStopwatch } from './support/stopwatch.js';

/** Longer than a busy machine takes for an answer that is not late on purpose. */
const STORE_TIMEOUT_MS = 250;
const DURABLE_TIMEOUT_MS = 100;
/** After which a server is left that has said nothing. */
const PATIENCE_MS = 1000;
/** What it may take to connect again. */
const RECONNECT_MS = 300;

describe('a connection on which no answer comes', () => {
  const redis = useRedis();
  let proxy: FaultProxy;
  let instance: Instance;
  const stopwatch = useStopwatch(() => [() => redis.client.ping()]);
  beforeEach(async () => {
    proxy = await FaultProxy.to(redis.url);
    instance = await Instance.open({
      redis: proxy.url,
      storeTimeoutMs: STORE_TIMEOUT_MS,
      durableTimeoutMs: DURABLE_TIMEOUT_MS,
    });
    await eventually('it is answered', () => isAnswered(instance));
  });
  afterEach(async () => {
    await instance?.close();
    proxy?.close();
  });

  const askInVain = () =>
    expect(instance.repository.time()).rejects.toThrow(`within ${STORE_TIMEOUT_MS} ms`);

  it('is replaced within a second, though nothing else is asked', async () => {
    const lap = stopwatch.start();
    proxy.dropNextAnswer();
    await askInVain();
    await eventually('it connects again', async () => proxy.connections === 2);
    const { tookMs, ownMs } = lap();
    expect(tookMs).toBeGreaterThan(PATIENCE_MS - STORE_TIMEOUT_MS);
    expect(ownMs).toBeLessThan(PATIENCE_MS + RECONNECT_MS);
    await eventually('it is answered', () => isAnswered(instance));
  });

  it('is a time limit of its own for durable writes, and the error names its options', async () => {
    proxy.swallowConnections();
    const durable = instance.service.revokeAllOfUser('alice', { durable: 'replica' });
    await expect(durable).rejects.toThrow(
      `within ${DURABLE_TIMEOUT_MS + STORE_TIMEOUT_MS} ms (durableTimeoutMs and storeTimeoutMs)`,
    );
  });

  it('is kept where the answer comes, however late', async () => {
    proxy.slowDown({ delayMs: 2 * STORE_TIMEOUT_MS });
    await askInVain();
    proxy.behave();
    await eventually('it is answered', () => isAnswered(instance));
    await askFor(instance, 2 * PATIENCE_MS);
    expect(proxy.connections).toBe(1);
  });
});

describe('an application that was itself held up for longer than Redis may take', () => {
  const redis = useRedis();
  const defer = useCleanup();
  const connections = async () =>
    String(await redis.client.client('LIST')).match(/^id=\d+(?=.* name=nestjs-redis-session )/gm);

  it('believes the answers that lie there, and keeps its connection', async () => {
    const instance = await Instance.open({ redis: redis.url, storeTimeoutMs: STORE_TIMEOUT_MS });
    defer(() => instance.close());
    await eventually('it is answered', () => isAnswered(instance));
    const before = await connections();
    const answers = Array.from({ length: 8 }, () => instance.repository.time());
    // They leave at the end of this turn of the event loop.
    await turn();
    const until = performance.now() + 2 * PATIENCE_MS;
    while (performance.now() < until);
    expect(await Promise.all(answers)).toHaveLength(8);
    await askFor(instance, 2 * PATIENCE_MS);
    expect(before).toHaveLength(1);
    expect(await connections()).toEqual(before);
  });
});

/** A busy machine may miss the time limit. That is no silence. */
async function askFor(instance: Instance, ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) await isAnswered(instance);
}

function isAnswered({ repository }: Instance): Promise<boolean> {
  return repository.time().then(
    () => true,
    () => false,
  );
}
