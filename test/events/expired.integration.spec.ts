import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { Visitor } from '../support/visitor.js';
import { type ListeningSite, sessionOf, startListeningSite } from './support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

const OFF = /"expired" is not heard: Redis does not tell of keys that expire/;
const UNKNOWN = /Whether "expired" is heard could not be checked \(NOPERM/;

const expiredIn = ({ heard }: ListeningSite) => heard.filter(({ type }) => type === 'expired');

describe('sessions that expire', () => {
  const redis = useRedis({ settings: { 'notify-keyspace-events': 'Ex' } });

  it('are heard by every instance, from Redis itself, and nothing else that expires is', async () => {
    const options = {
      redis: redis.url,
      keyPrefix: 'shop:',
      idleTimeoutSeconds: 1,
      touchIntervalSeconds: 0,
    };
    const sites = [
      await startListeningSite('express', options, { expired: true }),
      await startListeningSite('fastify', options, { expired: true }),
    ];
    const deaf = await startListeningSite('express', options);
    for (const { app } of [...sites, deaf]) defer(() => app.close());
    const visitors = ['alice', 'bob'].map(() => new Visitor(sites[0]!));
    for (const visitor of visitors) await visitor.post('sign-in?user=alice');
    const ids = visitors.map(sessionOf);
    for (const key of ['session:{0000}:x', 'shop:other', `shop:session-user:{0000}:x`]) {
      await redis.client.set(key, 'x', 'PX', 1);
    }
    await redis.client.set(`blog:session:{0000}:${ids[0]}`, 'x', 'PX', 1);
    await eventually('both are heard', async () => {
      // Nobody looks at the keys, so that Redis gets round to them by itself: quicker if it is asked.
      await Promise.all([redis.client.dbsize(), redis.client.keys('*')]);
      return sites.every((site) => expiredIn(site).length >= 2);
    });
    for (const site of sites) {
      const expired = expiredIn(site);
      expect(expired.map(({ sessionId }) => sessionId).toSorted()).toEqual(ids.toSorted());
      for (const event of expired) {
        expect(event).toEqual({
          type: 'expired',
          sessionId: event.sessionId,
          userId: undefined,
          instance: undefined,
          at: expect.any(Number),
        });
        expect(Math.abs(event.at - Date.now())).toBeLessThan(20_000);
      }
      expect(site.log.matching(/expired/)).toEqual([]);
    }
    expect(expiredIn(deaf)).toEqual([]);
  });

  it('are heard where the client puts a prefix of its own in front of keys', async () => {
    const client = new Redis(redis.url, { keyPrefix: 'mine:', disconnectTimeout: 50 });
    defer(() => client.disconnect());
    const options = { redis: client, idleTimeoutSeconds: 1, touchIntervalSeconds: 0 };
    const site = await startListeningSite('express', options, { expired: true });
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    expect(await redis.client.keys('mine:session:*')).toHaveLength(1);
    await eventually('both are heard', async () => {
      await redis.client.keys('*');
      return site.heard.length === 2;
    });
    expect(site.heard.map(({ type }) => type)).toEqual(['signed-in', 'expired']);
    expect(site.heard[1]!.sessionId).toBe(sessionOf(visitor));
    await site.app.close();
    expect(client.status).toBe('ready');
  });
});

describe('a Redis that does not tell of keys that expire', () => {
  const redis = useRedis();

  it('is named in the log at the start, with what its operator has to do', async () => {
    const site = await startListeningSite('express', { redis: redis.url }, { expired: true });
    defer(() => site.app.close());
    await eventually('it is said', async () => site.log.matching(OFF).length === 1);
    expect(site.log.matching(OFF)[0]).toContain('notify-keyspace-events Ex');
  });

  it('is said to be unknown where the user may not ask', async () => {
    const rules = ['on', '>password', '~*', '&*', '+@all', '-config'];
    await redis.client.call('ACL', 'SETUSER', 'managed', ...rules);
    const { host } = new URL(redis.url);
    const options = { redis: `redis://managed:password@${host}` };
    const site = await startListeningSite('express', options, { expired: true });
    defer(() => site.app.close());
    const said = () => site.log.matching(UNKNOWN);
    await eventually('it is said', async () => said().length > 0);
    expect(said()).toHaveLength(1);
  });
});
