import { Injectable } from '@nestjs/common';
import { OnSessionEvent } from 'nestjs-redis-session/events';
import { readText } from '../support/documentation.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { Visitor } from '../support/visitor.js';
import { heardBy, startListeningSite } from './support/listening-site.js';

const rulesIn = (page: string) =>
  readText(page)
    .match(/^ACL SETUSER shop ([^`]+)```/m)![1]!
    .trim()
    .split(/\s+/);

const handled: string[] = [];

@Injectable()
class Audit {
  @OnSessionEvent('signed-in', { group: 'audit' }) onSignIn() {
    handled.push('signed-in');
  }
}

describe('the user that the documentation tells to make, given what it tells for events', () => {
  const redis = useRedis({ settings: { 'notify-keyspace-events': 'Ex' } });

  it('may tell, listen, ask whether keys are told of, and handle what is in the stream', async () => {
    for (const page of ['docs/security.md', 'docs/events.md']) {
      await redis.client.call('ACL', 'SETUSER', 'shop', ...rulesIn(page));
    }
    const { host } = new URL(redis.url);
    const site = await startListeningSite(
      'express',
      { redis: `redis://shop:password@${host}`, keyPrefix: 'shop:', examineAtStart: false },
      { expired: true, stream: { retryAfterMs: 100 } },
      { providers: [Audit] },
    );
    const events = await heardBy([site], () => new Visitor(site).post('sign-in?user=alice'));
    expect(events).toMatchObject([{ type: 'signed-in' }]);
    await eventually('it is handled', async () => handled.length > 0);
    await site.app.close();
    expect(site.log.lines.filter((line) => /NOPERM|could not|not heard/.test(line))).toEqual([]);
    expect(await redis.client.xinfo('CONSUMERS', 'shop:session-events', 'audit')).toEqual([]);
  });
});
