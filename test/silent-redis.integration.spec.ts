import { setImmediate as turn } from 'node:timers/promises';
import { eventually } from './support/eventually.js';
import { FaultProxy } from './support/fault-proxy.js';
import { Instance } from './support/instance.js';
import { useRedis } from './support/redis.js';

const STORE_TIMEOUT_MS = 50;
/** After which a server is left that has said nothing. */
const PATIENCE_MS = 1000;

describe('a connection on which no answer comes', () => {
  const redis = useRedis();
  let proxy: FaultProxy;
  let instance: Instance;
  beforeEach(async () => {
    proxy = await FaultProxy.to(redis.url);
    instance = await Instance.open({ redis: proxy.url, storeTimeoutMs: STORE_TIMEOUT_MS });
    await instance.repository.ping();
  });
  afterEach(async () => {
    await instance.close();
    proxy.close();
  });

  const askInVain = () =>
    expect(instance.repository.time()).rejects.toThrow(`within ${STORE_TIMEOUT_MS} ms`);
  const isAnswered = () =>
    instance.repository.time().then(
      () => true,
      () => false,
    );

  it('is replaced within a second, though nothing else is asked', async () => {
    const before = performance.now();
    proxy.dropNextAnswer();
    await askInVain();
    await eventually('it connects again', async () => proxy.connections === 2);
    expect(performance.now() - before).toBeGreaterThan(PATIENCE_MS - STORE_TIMEOUT_MS);
    await eventually('it is answered', isAnswered);
  });

  it('is kept where the answer comes, however late', async () => {
    proxy.slowDown({ delayMs: 4 * STORE_TIMEOUT_MS });
    await askInVain();
    proxy.behave();
    await eventually('it is answered', isAnswered);
    await askFor(instance, 2 * PATIENCE_MS);
    expect(proxy.connections).toBe(1);
  });
});

describe('an application that was itself held up for longer than Redis may take', () => {
  const redis = useRedis();
  const connections = async () =>
    String(await redis.client.client('LIST')).match(/^id=\d+(?=.* name=nestjs-redis-session )/gm);

  it('believes the answers that lie there, and keeps its connection', async () => {
    const instance = await Instance.open({ redis: redis.url, storeTimeoutMs: STORE_TIMEOUT_MS });
    await instance.repository.ping();
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
    await instance.close();
  });
});

async function askFor({ repository }: Instance, ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) await repository.time();
}
