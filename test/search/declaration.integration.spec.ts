import { not, numeric, tag, tags, text } from 'nestjs-redis-session';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { eventually } from '../support/eventually.js';
import { Actor } from './support/actor.js';
import { commandsOnKey } from './support/commands-on-key.js';
import { indexOfShop } from './support/index-of-shop.js';
import { SearchedSite, useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

const LINES = [
  { sku: 'tea', quantity: 2 },
  { sku: 'mug', quantity: 1 },
];

describeWithSearch('the index document', () => {
  const used = useSearchedSite({ touchIntervalSeconds: 0 });
  const actor = () => new Actor(used.site);
  const documentOf = (id: string) => used.site.documentOf(id);
  const version = async () => (await used.site.search.status()).version;
  const isRight = async (id: string) => (await documentOf(id))['indexedFor'] === (await version());
  /** How far apart the ends of a session and of its document are. */
  const apartMs = async (id: string) => {
    const keys = [used.site.keyOfSession(id), used.site.keyOfDocument(id)];
    // As a transaction: a busy machine may stop Redis between two commands.
    const answers = await used.redis.client.multi(keys.map((key) => ['pttl', key])).exec();
    const [session, document] = answers!.map(([, ttlMs]) => Number(ttlMs));
    expect(session).toBeGreaterThan(0);
    return Math.abs(session! - document!);
  };

  it('appears with the session, and holds each kind of field as Search reads it', async () => {
    const visitor = actor();
    const id = await visitor.act({
      signIn: 'alice',
      set: {
        tenant: 'acme',
        isBeta: true,
        views: 3,
        lines: LINES,
        labels: ['new', 'big spender', 'new'],
        note: 'Gift wrap: Grüße, 2 × please!',
      },
    });
    const hash = await used.redis.client.hgetall(used.site.keyOfSession(id));
    expect(await documentOf(id)).toEqual({
      tenant: 'acme',
      isBeta: 'true',
      mood: 'calm',
      views: '3',
      products: 'tea\u001fmug',
      labels: 'new\u001fbig spender',
      total: '3',
      note: 'gift wrap grüße 2 please',
      userId: 'alice',
      ip: hash['~ip'],
      createdAt: hash['~created'],
      signedInAt: hash['~auth'],
      indexedFor: await version(),
    });
    expect(hash['~index']).toBe(await version());
  });

  it('of a guest says nothing about a person', async () => {
    const id = await actor().act({ set: { tenant: 'acme' } });
    expect(Object.keys(await documentOf(id)).toSorted()).toEqual(
      ['createdAt', 'indexedFor', 'tenant'].toSorted(),
    );
  });

  it('has no field for what is absent, null, an empty list or a text without words', async () => {
    const visitor = actor();
    const id = await visitor.act({ set: { labels: [], note: '!?', tenant: null as never } });
    expect(Object.keys(await documentOf(id)).toSorted()).toEqual(
      ['createdAt', 'indexedFor'].toSorted(),
    );
    await visitor.act({ set: { labels: ['a'], note: 'word', tenant: '' } });
    expect(await documentOf(id)).toMatchObject({ labels: 'a', note: 'word', tenant: '%' });
    await visitor.act({ set: { labels: [], note: '' }, remove: ['tenant'] });
    expect(Object.keys(await documentOf(id)).toSorted()).toEqual(
      ['createdAt', 'indexedFor'].toSorted(),
    );
  });

  it('follows a write of one of its sources alone', async () => {
    const visitor = actor();
    const id = await visitor.act({ set: { tenant: 'acme', lines: LINES, note: 'one' } });
    const before = await documentOf(id);
    await visitor.act({ set: { lines: [{ sku: 'pen', quantity: 7 }] } });
    expect(await documentOf(id)).toEqual({ ...before, products: 'pen', total: '7' });
    await visitor.act({ remove: ['lines'] });
    const { products: _products, total: _total, ...rest } = before;
    expect(await documentOf(id)).toEqual(rest);
    expect(await isRight(id)).toBe(true);
  });

  it('is not written by a write of what is not indexed, nor by a touch', async () => {
    const visitor = actor();
    const id = await visitor.act({ set: { tenant: 'acme' } });
    const key = used.site.keyOfDocument(id);
    const write = () => used.site.service.update(id, { count: 1 });
    expect(await commandsOnKey(used.redis, key, write)).toEqual([]);
    const touch = async () => {
      await visitor.get('look');
      // The touch is not waited for; what is sent after it is answered after it.
      await used.site.service.ping();
    };
    expect(await commandsOnKey(used.redis, key, touch)).toEqual(['pexpire']);
    const indexed = () => used.site.service.update(id, { tenant: 'globex' });
    expect(await commandsOnKey(used.redis, key, indexed)).toContain('hset');
  });

  it('gets the number that Redis counted, even where others count, too', async () => {
    const visitor = actor();
    const id = await visitor.act({ addToViews: 1 });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        used.site.service.update(id, (session) => void session.increment('views', 2)),
      ),
    );
    expect((await used.redis.client.hgetall(used.site.keyOfSession(id)))['views']).toBe('101');
    expect(await documentOf(id)).toMatchObject({ views: '101', mood: 'busy' });
    expect(await used.site.idsOf({ views: 101 })).toEqual([id]);
  });

  it('is right after a count from which something is computed', async () => {
    const visitor = actor();
    const id = await visitor.act({ set: { views: 8 } });
    expect(await documentOf(id)).toMatchObject({ views: '8', mood: 'calm' });
    for (const [views, mood] of [
      ['9', 'calm'],
      ['10', 'busy'],
    ]) {
      await visitor.act({ addToViews: 1 });
      expect(await documentOf(id)).toMatchObject({ views, mood });
      expect(await isRight(id)).toBe(true);
    }
    await visitor.act({ remove: ['views'] });
    expect(await documentOf(id)).not.toHaveProperty('mood');
  });

  it('moves with a sign-in within the slot, and with a renewal', async () => {
    const visitor = actor();
    const first = await visitor.act({ signIn: 'bob', set: { tenant: 'acme' } });
    const since = (await documentOf(first))['signedInAt'];
    const second = await visitor.act({ signIn: 'bob', set: { note: 'again' } });
    expect(second).not.toBe(first);
    expect(await documentOf(first)).toEqual({});
    expect(await documentOf(second)).toMatchObject({
      tenant: 'acme',
      note: 'again',
      userId: 'bob',
    });
    expect(Number((await documentOf(second))['signedInAt'])).toBeGreaterThan(Number(since));
    const third = await visitor.act({ does: 'renew' });
    expect(await documentOf(second)).toEqual({});
    expect(await documentOf(third)).toMatchObject({ tenant: 'acme', userId: 'bob' });
    expect(await used.site.idsOf({ userId: 'bob' })).toEqual([third]);
  });

  it('of a guest who signs in is left for one in the slot of the user', async () => {
    const visitor = actor();
    const guest = await visitor.act({ set: { tenant: 'acme', labels: ['from-guest'] } });
    const user = await visitor.act({ signIn: 'carol', addToViews: 1 });
    expect(await documentOf(guest)).toEqual({});
    const hash = await used.redis.client.hgetall(used.site.keyOfSession(user));
    expect(await documentOf(user)).toMatchObject({
      tenant: 'acme',
      labels: 'from-guest',
      views: '1',
      userId: 'carol',
      signedInAt: hash['~auth'],
      createdAt: hash['~created'],
    });
    expect(await used.site.idsOf({ userId: 'carol' })).toEqual([user]);
  });

  it('ends with a sign-out, a revocation and a sign-out everywhere', async () => {
    const ended: string[] = [];
    const visitor = actor();
    ended.push(await visitor.act({ signIn: 'olga' }));
    await visitor.act({ does: 'destroy' }).catch(() => undefined);
    expect(await documentOf(ended[0]!)).toEqual({});
    ended.push(await actor().act({ signIn: 'olga' }));
    expect(await used.site.service.revoke(ended[1]!)).toBe(true);
    expect(await documentOf(ended[1]!)).toEqual({});
    const others = [await actor().act({ signIn: 'olga' }), await actor().act({ signIn: 'olga' })];
    expect(await used.site.search.count({ userId: 'olga' })).toBe(2);
    expect(await used.site.service.revokeAllOfUser('olga')).toBe(2);
    for (const id of others) expect(await documentOf(id)).toEqual({});
    expect(await used.site.search.count({ userId: 'olga' })).toBe(0);
  });

  it('ends when its session does, whatever was done to the session', async () => {
    const visitor = actor();
    const guest = await visitor.act({ set: { tenant: 'acme' } });
    expect(await apartMs(guest)).toBeLessThanOrEqual(50);
    await used.redis.client.pexpire(used.site.keyOfSession(guest), 100_000);
    await used.redis.client.pexpire(used.site.keyOfDocument(guest), 50_000);
    await visitor.get('look');
    await used.site.service.ping();
    expect(await apartMs(guest)).toBeLessThanOrEqual(50);
    for (const act of [{ signIn: 'alice' }, { signIn: 'alice' }, { does: 'renew' }] as const) {
      expect(await apartMs(await visitor.act(act))).toBeLessThanOrEqual(50);
    }
  });

  it('comes back with the next touch, or the next write, when it was lost', async () => {
    const visitor = actor();
    const id = await visitor.act({ set: { tenant: 'lost' } });
    const whole = await documentOf(id);
    await used.redis.client.del(used.site.keyOfDocument(id));
    expect(await used.site.idsOf({ tenant: 'lost' })).toEqual([]);
    await visitor.get('look');
    await eventually('the touch makes the document', async () => await isRight(id));
    expect(await documentOf(id)).toEqual(whole);
    await used.redis.client.del(used.site.keyOfDocument(id));
    await used.site.service.update(id, { note: 'written' });
    expect(await documentOf(id)).toEqual({ ...whole, note: 'written' });
    expect(await apartMs(id)).toBeLessThanOrEqual(50);
    expect(await used.site.idsOf({ tenant: 'lost' })).toEqual([id]);
  });
});

describeWithSearch('the index document, where something ends or moves sessions by itself', () => {
  const used = useSearchedSite({
    maxSessionsPerUser: { limit: 2, whenReached: 'evict-least-recently-used' },
    renewIntervalSeconds: 60,
  });

  it('ends with a session that makes room for another', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push(await new Actor(used.site).act({ signIn: 'alice' }));
    expect(await used.site.documentOf(ids[0]!)).toEqual({});
    expect(await used.site.idsOf({ userId: 'alice' })).toEqual(ids.slice(1).toSorted());
  });

  it('moves when a token has aged', async () => {
    const visitor = new Actor(used.site);
    const old = await visitor.act({ signIn: 'bob', set: { tenant: 'acme' } });
    const at = Date.now() - 61_000;
    await used.redis.client.hset(used.site.keyOfSession(old), { '~created': at, '~auth': at });
    const before = await used.site.documentOf(old);
    await visitor.get('look');
    expect(visitor.id).not.toBe(old);
    expect(await used.site.documentOf(old)).toEqual({});
    expect(await used.site.documentOf(visitor.id)).toEqual(before);
    expect(await used.site.idsOf({ tenant: 'acme' })).toEqual([visitor.id]);
  });
});

describeWithSearch('sessions from before the index was declared', () => {
  const used = useSearchedSite();

  it('get their document at a touch, at a write, and all others by filling', async () => {
    const { site: old } = used;
    const keyPrefix = 'before:';
    const without = await SearchedSite.start(used.redis, { keyPrefix, index: undefined as never });
    defer(() => without.close());
    const visitors = Array.from({ length: 3 }, () => new Actor(without));
    const ids: string[] = [];
    for (const visitor of visitors) ids.push(await visitor.act({ set: { tenant: 'acme' } }));
    expect(await used.redis.client.keys('before:session-index*')).toEqual([]);
    const options = { keyPrefix, prepareIndexAtStart: false, touchIntervalSeconds: 0 };
    const site = await SearchedSite.start(used.redis, options);
    defer(() => site.close());
    const known = async () =>
      (await Promise.all(ids.map((id) => site.documentOf(id)))).map(({ tenant }) => tenant);
    const follow = (number: number) =>
      Object.assign(new Actor(site), { jar: visitors[number]!.jar });
    await follow(0).get('look');
    await eventually('the touch makes a document', async () => (await known())[0] === 'acme');
    await follow(1).act({ set: { note: 'written' } });
    expect(await known()).toEqual(['acme', 'acme', undefined]);
    expect(await site.documentOf(ids[1]!)).toMatchObject({ note: 'written' });
    const told: number[] = [];
    await site.search.prepare({ onProgress: ({ done }) => told.push(done) });
    expect(await known()).toEqual(['acme', 'acme', 'acme']);
    expect(await site.idsOf({ tenant: 'acme' })).toEqual(ids.toSorted());
    expect(told.length).toBeGreaterThan(0);
    expect(await old.idsOf({})).toEqual([]);
  });
});

const faulty = {
  thrown: tag('tenant', () => {
    throw new Error('a tenant of which nobody may read');
  }),
  notANumber: numeric('views', (views) => views / 0),
  noTag: tags('lines', () => [{ sku: 'tea' }] as never),
  noList: tags('note', (note) => note as never),
  fine: tag('note'),
};

describeWithSearch('a function of the index that fails', () => {
  const used = useSearchedSite<typeof faulty>({ index: faulty });

  it('costs nobody their session, and is counted', async () => {
    const id = await new Actor(used.site).act({
      set: { tenant: 'acme', views: 1, lines: LINES, note: 'kept' },
    });
    expect(Object.keys(await used.site.documentOf(id)).toSorted()).toEqual(
      ['createdAt', 'fine', 'indexedFor'].toSorted(),
    );
    expect((await used.site.search.status()).failures).toBe(4);
    expect(await used.site.idsOf({ fine: 'kept' })).toEqual([id]);
    // Reading a hit is no new failure.
    await used.site.idsOf({ fine: 'kept', thrown: 'acme' });
    await used.site.idsOf(not({ notANumber: 1 }));
    expect((await used.site.search.status()).failures).toBe(4);
    const found = await used.site.service.find(id);
    expect(found?.data).toMatchObject({ tenant: 'acme', views: 1, lines: LINES });
  });
});

describe('a declaration that is wrong', () => {
  const errorOf = (index: unknown) => {
    try {
      return (
        new SessionSettings({ redis: 'redis://127.0.0.1', index: index as never }).index &&
        undefined
      );
    } catch (error) {
      return error;
    }
  };
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`f${i}`, tag('tenant')]));

  it.each<[what: string, named: string, index: unknown]>([
    ['that is no object', 'index', 'tenant'],
    ['that is null', 'index', null],
    ['with more than 64 fields', 'index', many],
    ['with a name of the library', 'index.userId', { userId: tag('tenant') }],
    [
      'with lastSeenAt, which changes all the time',
      'index.lastSeenAt',
      { lastSeenAt: numeric('views') },
    ],
    ['with a name that Search would misread', 'index.a b', { 'a b': tag('tenant') }],
    ['with a name of punctuation', 'index.x}|*', { 'x}|*': tag('tenant') }],
    ['with an empty name', 'index.', { '': tag('tenant') }],
    ['with a text for a field', 'index.tenant', { tenant: 'tag' }],
    ['with nothing for a field', 'index.tenant', { tenant: undefined }],
    ['of a kind that there is not', 'index.tenant', { tenant: { kind: 'geo', field: 'tenant' } }],
    ['of no field', 'index.tenant', { tenant: { kind: 'tag' } }],
    ['of a field without a name', 'index.tenant', { tenant: tag('' as never) }],
    ['of a field of the library', 'index.tenant', { tenant: tag('~user' as never) }],
    ['of a field that nobody can have', 'index.tenant', { tenant: tag('__proto__' as never) }],
    ['with a text for a function', 'index.tenant', { tenant: tag('tenant', 'trim' as never) }],
  ])('%s is refused at start, and named', (_, named, index) => {
    const error = errorOf(index);
    expect(error).toMatchObject({ code: 'SESSION_CONFIG' });
    expect(String(error)).toContain(named);
  });

  it('is not found where it is right', () => {
    expect(errorOf(indexOfShop)).toBeUndefined();
    expect(errorOf({ Note_1: text('note') })).toBeUndefined();
  });
});
