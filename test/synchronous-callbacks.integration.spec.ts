import { createHmac } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Post } from '@nestjs/common';
import {
  Session,
  type SessionOptions,
  SessionSearch,
  SessionService,
  tag,
} from 'nestjs-redis-session';
import { connectRedisSessions, RedisSessionStore } from 'nestjs-redis-session/express-session';
import { sessionOf } from './events/support/listening-site.js';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

@Controller()
class Mistakes {
  @Post('update-async') update(@Session() session: Session) {
    session.set('note', 'before');
    session.update('count', (async () => {
      await wait(1);
      throw new Error('late');
    }) as never);
  }
}

const REFUSED = { code: 'SESSION_STATE', message: expect.stringMatching(/promise/) as string };

/** Functions that give a promise, each in a way of its own; some reject later, which must end no process. */
const ASYNCHRONOUS: Record<string, (session: Session) => unknown> = {
  'is async': async (session) => {
    session.set('note', 'half');
    await wait(1);
    session.set('count', 2);
  },
  'rejects later': async (session) => {
    session.set('note', 'half');
    await wait(1);
    throw new Error('late');
  },
  'gives something with then()': (session) => {
    session.set('note', 'half');
    // oxlint-disable-next-line unicorn/no-thenable -- it is what is tested.
    return { then: (_: unknown, reject: (error: Error) => void) => reject(new Error('late')) };
  },
  'gives something whose then() throws': (session) => {
    session.set('note', 'half');
    return {
      // oxlint-disable-next-line unicorn/no-thenable -- it is what is tested.
      then() {
        throw new Error('late');
      },
    };
  },
};

describe('a function that must be synchronous, and returns a promise', () => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: Visitor;
  beforeAll(async () => {
    const controllers = [VisitorController, Mistakes];
    const options = {
      redis: redis.url,
      index: { note: tag('note'), broken: tag('count', (async () => 'x') as never) },
    };
    site = await startApp('express', options, { controllers });
  });
  afterAll(() => site?.app.close());
  beforeEach(async () => {
    visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    await visitor.post('write', { note: 'kept' });
  });
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const expectUntouched = async () => {
    // What the function does late has happened by then.
    await wait(20);
    const stored = await site.app.get(SessionService).read(sessionOf(visitor), ['note', 'count']);
    expect(stored).toEqual({ note: 'kept', count: 1 });
  };

  describe.each(Object.entries(ASYNCHRONOUS))('because it %s', (_, change) => {
    it('is refused by SessionService.update(), and nothing is saved', async () => {
      const updated = site.app.get(SessionService).update(sessionOf(visitor), change as never);
      await expect(updated).rejects.toMatchObject(REFUSED);
      await expectUntouched();
    });

    it('is refused by SessionSearch.updateWhere(), and nothing is saved', async () => {
      const search = site.app.get(SessionSearch);
      await search.prepare();
      const filter = { userId: 'alice' };
      await eventually('it is found', async () => (await search.count(filter)) > 0);
      await expect(search.updateWhere(filter, change as never)).rejects.toMatchObject(REFUSED);
      await expectUntouched();
    });

    it('is refused as mergeGuest, and nobody is signed in', async () => {
      const noSession = { set: () => undefined } as unknown as Session;
      const options = {
        redis: redis.url,
        mergeGuest: (() => change(noSession)) as never,
      };
      const other = await startApp('fastify', options, { controllers: [VisitorController] });
      closing.push(() => other.app.close());
      const guest = new Visitor(other);
      await guest.post('write', { note: 'of a guest' });
      const before = sessionOf(guest);
      expect((await guest.post('sign-in?user=bob')).status).toBe(500);
      expect(sessionOf(guest)).toBe(before);
      const seen = (await (await guest.get('read')).json()) as unknown;
      expect(seen).toEqual({ note: 'of a guest', userId: null });
    });
  });

  it('is refused by session.update() in a handler, where it stands', async () => {
    expect((await visitor.post('update-async')).status).toBe(500);
    await wait(20);
    const stored = await site.app.get(SessionService).read(sessionOf(visitor), ['count']);
    expect(stored).toEqual({ count: 1 });
  });

  it('makes a field of the index that is reported, and the session is saved', async () => {
    const { failures } = await site.app.get(SessionSearch).status();
    expect(failures).toBeGreaterThan(0);
    await expectUntouched();
  });

  it('is refused as userId of a source and of a store of express-session', async () => {
    const userId = (async () => {
      throw new Error('late');
    }) as never;
    const store = new RedisSessionStore({ redis: redis.url, userId });
    const session = { cookie: { originalMaxAge: 1000 } };
    await expect(store.set('sid', session as never)).rejects.toMatchObject(REFUSED);
    closing.push(() => store.close());
    const source = connectRedisSessions({ redis: redis.url, secret: 's', userId });
    closing.push(() => source.close?.());
    const signature = createHmac('sha256', 's').update('sid').digest('base64').replace(/=+$/, '');
    await redis.client.set('sess:sid', JSON.stringify({ cookie: {} }));
    const cookie = `connect.sid=${encodeURIComponent(`s:sid.${signature}`)}`;
    await expect(source.find({ headers: { cookie } })).rejects.toMatchObject(REFUSED);
  });

  it('is awaited as onProgress, and what it rejects with ends the bulk operation', async () => {
    const search = site.app.get(SessionSearch);
    await eventually('it is found', async () => (await search.count({ userId: 'alice' })) > 0);
    const onProgress = async () => {
      await wait(1);
      throw new Error('no disk');
    };
    const changed = search.updateWhere({ userId: 'alice' }, { note: 'kept' }, { onProgress });
    await expect(changed).rejects.toThrow('no disk');
  });

  it('is refused by the compiler', () => {
    // @ts-expect-error -- asynchronous
    const options: SessionOptions = { redis: '', mergeGuest: async (guest) => guest };
    expect(options).toBeDefined();
    const never = (service: SessionService, search: SessionSearch, session: Session) => [
      // @ts-expect-error -- asynchronous
      service.update('id', async () => undefined),
      // @ts-expect-error -- asynchronous
      search.updateWhere({}, async () => undefined),
      // @ts-expect-error -- asynchronous
      session.update('note', async () => 'x'),
      service.update('id', (one) => one.increment('count')),
      service.update('id', (one) => one.set('note', 'x')),
      service.update('id', (one) => one.fieldNames()),
      service.update('id', () => ({ any: 'object' })),
      search.updateWhere({}, (one) => void one.delete('note')),
    ];
    expect(never).toBeInstanceOf(Function);
  });
});
