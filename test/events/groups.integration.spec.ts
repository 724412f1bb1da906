import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { OnSessionEvent, type SessionEvent } from 'nestjs-redis-session/events';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { Visitor } from '../support/visitor.js';
import { type ListeningSite, startListeningSite } from './support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

const GROUP = 'audit';
/** Where an event has to come again; elsewhere a pause of this machine must not bring one twice. */
const SOON_MS = 700;

/** What handlers do with an event, and who has handled which: in a real application a database. */
class Ledger {
  readonly handled: { readonly user: string | undefined; readonly by: string }[] = [];
  behave: (event: SessionEvent, by: string) => unknown = () => undefined;

  usersOf(by?: string): (string | undefined)[] {
    return this.handled.filter((entry) => !by || entry.by === by).map(({ user }) => user);
  }
}

describe('events for a group of handlers', () => {
  const redis = useRedis();
  let sites: ListeningSite[] = [];
  let prefixes = 0;
  let keyPrefix: string;
  let ledger: Ledger;
  beforeEach(() => {
    keyPrefix = `${prefixes++}:`;
    ledger = new Ledger();
  });
  afterEach(async () => {
    await Promise.all(sites.map(({ app }) => app.close()));
    sites = [];
  });

  const start = async (by: string, retryAfterMs = 30_000) => {
    @Injectable()
    class Audit {
      @OnSessionEvent('signed-in', { group: GROUP }) async onSignIn(event: SessionEvent) {
        await ledger.behave(event, by);
        ledger.handled.push({ user: event.userId, by });
      }
    }
    const site = await startListeningSite(
      'express',
      { redis: redis.url, keyPrefix },
      { stream: { retryAfterMs } },
      { providers: [Audit] },
    );
    sites.push(site);
    return site;
  };
  const stop = async (site: ListeningSite) => {
    await site.app.close();
    sites = sites.filter((other) => other !== site);
  };
  const signIn = async (site: ListeningSite, ...users: string[]) => {
    for (const user of users) {
      expect((await new Visitor(site).post(`sign-in?user=${user}`)).status).toBe(201);
    }
  };
  const stream = () => `${keyPrefix}session-events`;
  const pending = async () => ((await redis.client.xpending(stream(), GROUP)) as [number])[0];
  const allDone = (count: number) =>
    eventually('all is handled', async () => {
      return ledger.handled.length >= count && (await pending()) === 0;
    });

  it('are handled once, by one instance or the other', async () => {
    const [a, b] = [await start('a'), await start('b')];
    const users = Array.from({ length: 40 }, (_, i) => `user-${i}`);
    await Promise.all(users.map((user, i) => signIn(i % 2 ? a : b, user)));
    await allDone(users.length);
    expect(ledger.usersOf().toSorted()).toEqual(users.toSorted());
    expect(new Set(ledger.handled.map(({ by }) => by))).toEqual(new Set(['a', 'b']));
  });

  it('stand in the stream before the response leaves, without values', async () => {
    const site = await start('a');
    await new Visitor(site).post('write', { note: 'nobody’s business' });
    const [entry] = await redis.client.xrevrange(stream(), '+', '-', 'COUNT', 1);
    expect(JSON.parse(entry![1][1]!)).toMatchObject({
      instance: site.events.instance,
      events: [{ type: 'created', fields: ['note', 'count', 'lines'] }],
    });
    expect(JSON.stringify(entry)).not.toContain('business');
  });

  it('are handled after a restart, in their order, if none was there meanwhile', async () => {
    await stop(await start('a'));
    const other = await startListeningSite(
      'fastify',
      { redis: redis.url, keyPrefix },
      { stream: {} },
    );
    sites.push(other);
    await signIn(other, 'alice', 'bob');
    await start('c');
    await allDone(2);
    expect(ledger.handled).toEqual([
      { user: 'alice', by: 'c' },
      { user: 'bob', by: 'c' },
    ]);
  });

  it('leave no consumer behind where an application was closed', async () => {
    await stop(await start('a'));
    expect(await redis.client.xinfo('CONSUMERS', stream(), GROUP)).toEqual([]);
  });

  it('are taken over from an instance that died with them', async () => {
    const site = await start('a');
    await stop(site);
    const other = await startListeningSite(
      'express',
      { redis: redis.url, keyPrefix },
      { stream: {} },
    );
    sites.push(other);
    await signIn(other, 'alice');
    const dead = ['GROUP', GROUP, 'dead', 'COUNT', 1, 'STREAMS', stream(), '>'];
    expect(await redis.client.call('XREADGROUP', ...dead)).not.toBeNull();
    expect(await pending()).toBe(1);
    await start('heir', SOON_MS);
    await allDone(1);
    expect(ledger.handled).toEqual([{ user: 'alice', by: 'heir' }]);
  });

  it('come again when a handler fails, and behind others meanwhile', async () => {
    let failures = 0;
    ledger.behave = ({ userId }) => {
      if (userId === 'alice' && failures++ < 2) throw new Error('no mail today');
    };
    const site = await start('a', SOON_MS);
    await signIn(site, 'alice', 'bob');
    await allDone(2);
    expect(ledger.usersOf()).toEqual(['bob', 'alice']);
    expect(failures).toBe(3);
    const said = site.log.matching(/Audit\.onSignIn\(\) failed on "signed-in"/);
    expect(said).toHaveLength(2);
    expect(said[1]).toMatch(
      /entry \d+-\d+ of the stream, group "audit", time 2 of 5.*no mail today/,
    );
  });

  it('are given up, with their id in the log, when no handler ever gets them done', async () => {
    let attempts = 0;
    ledger.behave = ({ userId }) => {
      if (userId !== 'poison') return;
      attempts++;
      throw new Error('cannot be handled');
    };
    const site = await start('a', SOON_MS);
    await signIn(site, 'poison', 'bob');
    await eventually(
      'it is given up',
      async () => site.log.matching(/handed out 5 times.*given up/).length > 0,
    );
    await allDone(1);
    expect(attempts).toBe(5);
    expect(ledger.usersOf()).toEqual(['bob']);
    expect(site.log.matching(/Entry \d+-\d+ of the stream/)).toHaveLength(1);
  });

  it('are finished by a handler that is at work when the application is closed', async () => {
    let isAtWork = false;
    let finish = () => undefined as void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    ledger.behave = () => {
      isAtWork = true;
      return finished;
    };
    const site = await start('a');
    await signIn(site, 'alice');
    await eventually('the handler is at work', async () => isAtWork);
    const stopped = stop(site);
    finish();
    await stopped;
    expect(ledger.usersOf()).toEqual(['alice']);
    expect(await pending()).toBe(0);
  });

  it.each<[string, object]>([
    ['as it is', {}],
    ['with the replies of RESP2', { protocol: 2 }],
    ['with objects for replies', { replyMapping: 'resp3' }],
  ])('are handled at once where the client was handed in, %s', async (_, options) => {
    const client = new Redis(redis.url, { ...options, disconnectTimeout: 50 });
    defer(() => client.disconnect());
    const by = 'theirs';
    @Injectable()
    class Audit {
      @OnSessionEvent('signed-in', { group: GROUP }) onSignIn({ userId: user }: SessionEvent) {
        ledger.handled.push({ user, by });
      }
    }
    const session = { redis: client, keyPrefix };
    const providers = [Audit];
    const site = await startListeningSite('express', session, { stream: {} }, { providers });
    sites.push(site);
    await signIn(site, 'alice');
    await allDone(1);
    expect(ledger.handled).toEqual([{ user: 'alice', by }]);
    await stop(site);
  });

  it('are handled again once Redis has forgotten the group, with everything else', async () => {
    const site = await start('a');
    await signIn(site, 'alice');
    await allDone(1);
    await redis.client.flushall();
    await signIn(site, 'bob');
    await eventually('it is handled', async () => ledger.handled.length === 2);
    expect(ledger.usersOf()).toEqual(['alice', 'bob']);
  });
});
