import { Injectable } from '@nestjs/common';
import { map } from 'rxjs';
import { OnSessionEvent, type SessionEvent } from 'nestjs-redis-session/events';
import { eventually } from '../support/eventually.js';
import { HostileMessages } from '../support/hostile-messages.js';
import { useRedis } from '../support/redis.js';
import { seed, times } from '../support/scale.js';
import { Visitor } from '../support/visitor.js';
import { type LiveSite, openTab, startLiveSite, visit } from '../websockets/support/live-site.js';
import {
  type ListeningSite,
  sessionOf,
  settled,
  startListeningSite,
} from './support/listening-site.js';

const CHANNEL = 'session-events:0';
const STREAM = 'session-events';
const ID = 'A'.repeat(32);
const INVALID = JSON.stringify({ instance: 'x', events: [{ type: 'revoked', sessionId: ID }] });

@Injectable()
class Audit {
  readonly users: (string | undefined)[] = [];
  @OnSessionEvent('signed-in', { group: 'audit' }) onSignIn({ userId }: SessionEvent) {
    this.users.push(userId);
  }
}

describe('a message that no version of the library writes', () => {
  const redis = useRedis();
  let site: ListeningSite;
  beforeEach(async () => {
    const options = { redis: redis.url };
    site = await startListeningSite('express', options, { stream: {} }, { providers: [Audit] });
  });
  afterEach(async () => {
    await site.app.close();
    await redis.client.flushall();
  });

  it('is ignored and counted, and only the first one is logged', async () => {
    const before = site.events.invalidMessages;
    for (const text of [INVALID, 'no JSON', 'null']) await redis.client.publish(CHANNEL, text);
    await settled([site]);
    expect(site.events.invalidMessages - before).toBe(3);
    expect(site.log.matching(/does not write such messages/)).toHaveLength(1);
    expect(site.heard.filter(({ sessionId }) => (sessionId as string) === ID)).toEqual([]);
  });

  it('in the stream is taken off it, and holds up no other', async () => {
    const bad = [INVALID, '{', JSON.stringify({ instance: 'x', events: [null] })];
    for (const text of bad) await redis.client.xadd(STREAM, '*', 'events', text);
    await redis.client.xadd(STREAM, '*', 'a', 'b', 'c', 'd');
    await new Visitor(site).post('sign-in?user=alice');
    const { users } = site.app.get(Audit);
    await eventually('the event behind them is handled', async () => users.includes('alice'));
    await eventually('nothing is left of them', async () => {
      const [pending] = (await redis.client.xpending(STREAM, 'audit')) as [number];
      return pending === 0;
    });
    expect(site.events.invalidMessages).toBe(4);
  });
});

describe('subscribers of SessionEvents', () => {
  const redis = useRedis();
  let site: ListeningSite;
  beforeEach(async () => {
    site = await startListeningSite('express', { redis: redis.url });
  });
  afterEach(() => site.app.close());

  it('that throw are logged, and neither end the process nor keep others from an event', async () => {
    const { events } = site;
    const fail = (why: string) => (): never => {
      throw new Error(why);
    };
    const heard: string[] = [];
    events.all$.subscribe(fail('all'));
    events.all$.subscribe({ next: fail('observer') });
    events.of('signed-in').subscribe(fail('of'));
    events.all$.subscribe(async () => fail('async')());
    events.all$.pipe(map(({ type }) => type)).subscribe(fail('piped'));
    events.all$.pipe(map(fail('operator'))).subscribe();
    events.all$.subscribe(({ type }) => heard.push(type));
    await new Visitor(site).post('sign-in?user=alice');
    await settled([site]);
    expect(heard).toContain('signed-in');
    for (const why of ['all', 'observer', 'of', 'async', 'piped', 'operator']) {
      const line = `A subscriber of session events failed: Error: ${why}`;
      expect(site.log.lines).toContain(line);
    }
  });

  it('of gaps are guarded alike, and each can end its own subscription', async () => {
    const seen: string[] = [];
    const subscription = site.events.all$.subscribe(({ type }) => seen.push(type));
    subscription.unsubscribe();
    site.events.gaps$.subscribe(() => {
      throw new Error('gap');
    });
    site.events.tellGap({ since: 1, until: 2 });
    await new Visitor(site).post('sign-in?user=alice');
    await settled([site]);
    expect(seen).toEqual([]);
    expect(site.log.matching(/failed: Error: gap/)).toHaveLength(1);
  });
});

describe('thousands of hostile messages', () => {
  const redis = useRedis();
  const sites: LiveSite[] = [];
  beforeAll(async () => {
    for (const transport of ['ws', 'socket.io'] as const) {
      sites.push(await startLiveSite('express', transport, { redis: redis.url }));
    }
  });
  afterAll(() => Promise.all(sites.map(({ app }) => app.close())));

  it('end no instance, and show no socket the session of another user', async () => {
    const users = ['alice', 'mallory'];
    const visitors = await Promise.all(users.map((user) => visit(sites[0]!, user)));
    const hostile = new HostileMessages(seed, visitors.map(sessionOf));
    const rounds = times(20, 40);
    for (let round = 0; round < rounds; round++) {
      const site = sites[round % sites.length]!;
      const tabs = await Promise.all(visitors.map((visitor) => openTab(site, visitor)));
      const batch = Array.from({ length: 250 }, () => hostile.next());
      await Promise.all(batch.map((text) => redis.client.publish(CHANNEL, text)));
      // An event with nothing wrong but its author may close a socket; its browser opens another.
      for (const [i, tab] of tabs.entries()) {
        const answer = await Promise.race([tab.ask('read'), tab.closed.then(() => undefined)]);
        const said = answer?.[0]?.data as { userId?: unknown } | undefined;
        expect({ seed, user: said?.userId ?? users[i] }).toEqual({ seed, user: users[i] });
        tab.close();
      }
    }
    for (const visitor of visitors) expect((await visitor.get('private')).status).toBe(200);
  });
});
