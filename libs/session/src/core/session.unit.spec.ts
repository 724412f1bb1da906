import type { SessionRecord } from './record.js';
import { Session } from './session.js';
import { SessionError } from '../session.errors.js';
import { createToken, idOfToken, shardOfId, shardOfUser } from './token.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    lines: { sku: string; quantity: number }[];
    views: number;
    note: string;
    count: number;
  }
}

const context = {
  lifetime: { idleSeconds: 1800, absoluteSeconds: 43_200 },
  rememberedLifetime: { idleSeconds: 9000, absoluteSeconds: 90_000 },
  touchIntervalMs: 30_000,
  startedAt: 0,
  mergeGuest: undefined,
  maxFieldBytes: 1000,
  maxSessionBytes: 2000,
  device: { address: '192.0.2.1', agent: 'Test/1.0' },
};

function record(data: Record<string, unknown> = {}, userId?: string): SessionRecord {
  const fields = Object.entries(data).map(
    ([field, value]) => [field, JSON.stringify(value)] as const,
  );
  return {
    id: idOfToken(createToken(userId === undefined ? undefined : shardOfUser(userId))),
    createdAt: 1_000_000,
    lastSeenAt: 2_000_000,
    idleSeconds: 1800,
    deadlineAt: 44_200_000,
    userId,
    authenticatedAt: userId === undefined ? undefined : 1_000_000,
    isRemembered: false,
    tokenAt: 1_000_000,
    formerId: undefined,
    device: { address: undefined, agent: undefined },
    fields: new Map(fields),
  };
}
const stranger = () => new Session(undefined, context);
const guest = (data?: Record<string, unknown>) => new Session(record(data), context);
const user = (data?: Record<string, unknown>) => new Session(record(data, 'alice'), context);
const changesOf = (session: Session) => {
  const outcome = session.seal();
  return 'changes' in outcome ? Object.fromEntries(outcome.changes) : outcome.kind;
};

describe('a session that is only read', () => {
  it('is unchanged', () => {
    const session = user({ lines: [{ sku: 'mug', quantity: 1 }], views: 3 });
    expect(session.get('lines')).toEqual([{ sku: 'mug', quantity: 1 }]);
    expect(session.has('views')).toBe(true);
    expect(session.get('note')).toBeUndefined();
    expect(session.fieldNames()).toEqual(['lines', 'views']);
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });

  it('knows who and since when', () => {
    const session = user();
    expect(session).toMatchObject({ userId: 'alice', isSignedIn: true, isNew: false });
    expect(session.createdAt).toEqual(new Date(1_000_000));
    expect(session.lastSeenAt).toEqual(new Date(2_000_000));
    expect(session.expiresAt).toEqual(new Date(2_000_000 + 1_830_000));
  });

  it('tells nothing of a stranger', () => {
    const session = stranger();
    expect(session).toMatchObject({ isSignedIn: false, isNew: true });
    expect([session.id, session.userId, session.createdAt, session.expiresAt]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });

  it('reports a field that is not JSON when it is looked at, and only then', () => {
    const broken = { ...record(), fields: new Map([['note', '{']]) };
    const session = new Session(broken, context);
    expect(session.get('views')).toBeUndefined();
    expect(() => session.get('note')).toThrow(expect.objectContaining({ code: 'SESSION_FORMAT' }));
  });

  it('keeps its hands off foreign spacing', () => {
    const session = new Session({ ...record(), fields: new Map([['lines', '[ ]']]) }, context);
    expect(session.get('lines')).toEqual([]);
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });
});

describe('a change', () => {
  it('writes the fields that changed and no others', () => {
    const session = guest({ views: 1, note: 'a', lines: [] });
    session.set('note', 'b');
    session.set('views', 1);
    session.delete('lines');
    session.delete('count');
    expect(changesOf(session)).toEqual({
      note: { kind: 'set', text: '"b"' },
      lines: { kind: 'remove' },
    });
  });

  it('is noticed in an object that was altered in place, also after it was set', () => {
    const session = guest({ lines: [{ sku: 'mug', quantity: 1 }] });
    session.get('lines')![0]!.quantity = 2;
    expect(changesOf(session)).toEqual({
      lines: { kind: 'set', text: '[{"sku":"mug","quantity":2}]' },
    });
    const other = guest();
    const lines: { sku: string; quantity: number }[] = [];
    other.set('lines', lines);
    lines.push({ sku: 'tea', quantity: 1 });
    expect(changesOf(other)).toEqual({
      lines: { kind: 'set', text: '[{"sku":"tea","quantity":1}]' },
    });
  });

  it('that cannot be stored is refused where it is made, and loses nothing', () => {
    const session = guest({ note: 'a' });
    expect(() => session.set('note', undefined as never)).toThrow(/"note" cannot be stored/);
    expect(session.get('note')).toBe('a');
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });

  it('that was made in place and cannot be stored is refused at the end', () => {
    const session = guest({ lines: [] });
    session.get('lines')!.push(new Date() as never);
    expect(() => session.seal()).toThrow(/at lines\[0\]/);
  });

  it('that was made in place and has no JSON is refused by the name of its field', () => {
    const session = guest({ lines: [{ sku: 'tea' }] });
    Object.assign(session.get('lines')![0]!, { quantity: 10n });
    expect(() => session.seal()).toThrow(
      expect.objectContaining({
        code: 'SESSION_FORMAT',
        message: expect.stringContaining('at lines[0].quantity') as string,
      }),
    );
  });

  it.each(['', '~user', '__proto__', 'constructor', 'prototype'])(
    'cannot be made to "%s"',
    (name) => {
      expect(() => stranger().set(name as never, 1 as never)).toThrow(/cannot be the name/);
      expect(() => stranger().get(name as never)).toThrow(/cannot be the name/);
    },
  );

  it('pulls a value out', () => {
    const session = guest({ note: 'once' });
    expect(session.pull('note')).toBe('once');
    expect(session.pull('note')).toBeUndefined();
    expect(changesOf(session)).toEqual({ note: { kind: 'remove' } });
  });

  it('creates a session for a stranger, under an id that is known at the end', () => {
    const session = stranger();
    session.set('note', 'a');
    const outcome = session.seal();
    expect(outcome).toMatchObject({ kind: 'created', next: { userId: undefined } });
    expect(outcome).toMatchObject({ next: { id: session.id } });
  });

  it('after the response has begun is a mistake', () => {
    const session = guest();
    session.seal();
    expect(() => session.set('note', 'late')).toThrow(
      expect.objectContaining({
        code: 'SESSION_STATE',
        message: expect.stringMatching(/SessionService/),
      }),
    );
  });
});

describe('setAll', () => {
  it('writes several fields, and leaves the others', () => {
    const session = user({ note: 'a', views: 1 });
    session.setAll({ views: 2, count: 3 });
    expect(Object.keys(changesOf(session))).toEqual(['views', 'count']);
  });

  it.each<[string, unknown]>([
    ['one value that cannot be stored', { views: 2, note: 10n }],
    ['one name that cannot be', { views: 2, '': 1 }],
    ['a text', 'note'],
    ['a list', ['a']],
    ['a Map', new Map([['note', 'b']])],
    ['a promise', Promise.resolve({ note: 'b' })],
    ['null', null],
  ])('writes nothing with %s', (_, values) => {
    const session = user({ note: 'a' });
    expect(() => session.setAll(values as object)).toThrow(SessionError);
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });
});

describe('increment', () => {
  it('sends what to add, and tells the sum as far as it is known', () => {
    const session = guest({ views: 40 });
    expect(session.increment('views')).toBe(41);
    expect(session.increment('views', 1)).toBe(42);
    expect(session.get('views')).toBe(42);
    expect(changesOf(session)).toEqual({ views: { kind: 'add', amount: 2 } });
  });

  it('counts from zero, and on from what was set', () => {
    const session = guest({ count: 9 });
    expect(session.increment('views', 5)).toBe(5);
    session.set('count', 1);
    session.increment('count');
    expect(changesOf(session)).toEqual({
      views: { kind: 'add', amount: 5 },
      count: { kind: 'set', text: '2' },
    });
  });

  it('refuses what is no number', () => {
    expect(() => guest({ views: 'many' }).increment('views')).toThrow(/does not hold a number/);
    expect(() => guest().increment('views', Number.NaN)).toThrow(/finite/);
    expect(() => guest({ views: 2 ** 53 - 1 }).increment('views')).toThrow(/2\^53/);
  });
});

describe('update', () => {
  const addOne = (n: number | undefined) => (n ?? 0) + 1;

  it('replaces what was read, and runs again on what others wrote', () => {
    const session = guest({ views: 1 });
    expect(session.update('views', addOne)).toBe(2);
    expect(session.update('views', addOne)).toBe(3);
    expect(changesOf(session)).toEqual({ views: { kind: 'replace', expected: '1', text: '3' } });
    expect(session.rebase(new Map([['views', '10']]))).toMatchObject({
      changes: new Map([['views', { kind: 'replace', expected: '10', text: '12' }]]),
    });
    expect(session.rebase(new Map([['views', undefined]]))).toMatchObject({
      changes: new Map([['views', { kind: 'replace', expected: undefined, text: '2' }]]),
    });
  });

  it('may alter what it is given', () => {
    const session = guest({ lines: [] });
    const before = session.get('lines');
    session.update('lines', (lines = []) => {
      lines.push({ sku: 'mug', quantity: 1 });
      return lines;
    });
    expect(before).toEqual([]);
    expect(changesOf(session)).toMatchObject({ lines: { kind: 'replace', expected: '[]' } });
  });

  it('keeps what was counted before and after', () => {
    const session = guest({ views: 1 });
    session.increment('views');
    session.update('views', (n = 0) => n * 10);
    session.increment('views');
    expect(changesOf(session)).toEqual({ views: { kind: 'replace', expected: '1', text: '21' } });
    expect(session.rebase(new Map([['views', '2']]))).toMatchObject({
      changes: new Map([['views', { kind: 'replace', expected: '2', text: '31' }]]),
    });
  });

  it('of what this request has set needs no comparison', () => {
    const session = guest({ views: 1 });
    session.set('views', 5);
    session.update('views', addOne);
    expect(changesOf(session)).toEqual({ views: { kind: 'set', text: '6' } });
  });

  it('refuses a function that gives nothing, or a promise', () => {
    expect(() => guest().update('note', () => undefined as never)).toThrow(/undefined/);
    expect(() => guest().update('note', (async () => 'x') as never)).toThrow(/returned a promise/);
  });
});

describe('signing in', () => {
  it('moves a guest to a new token in the shard of the user, with what the guest had', () => {
    const session = guest({ note: 'kept' });
    const before = session.id;
    session.signIn('alice', { data: { views: 1 } });
    expect(session).toMatchObject({ userId: 'alice', isSignedIn: true });
    expect(session.id).not.toBe(before);
    expect(shardOfId(session.id!)).toBe(shardOfUser('alice'));
    expect(session.get('note')).toBe('kept');
    expect(session.seal()).toMatchObject({
      kind: 'renewed',
      from: { id: before },
      next: { id: session.id, userId: 'alice', lifetime: context.lifetime },
      isAuthenticated: true,
      keepsData: true,
      changes: new Map([['views', { kind: 'set', text: '1' }]]),
    });
  });

  it('takes of the guest what the application decides', () => {
    const seen: unknown[] = [];
    const session = new Session(record({ note: 'a', views: 3, count: 1 }), {
      ...context,
      mergeGuest: (before, userId) => {
        seen.push(before, userId);
        return { views: before.views! + 1, count: before.count! };
      },
    });
    session.signIn('alice');
    expect(seen).toEqual([{ note: 'a', views: 3, count: 1 }, 'alice']);
    expect(changesOf(session)).toEqual({
      note: { kind: 'remove' },
      views: { kind: 'set', text: '4' },
    });
  });

  it.each<[string, object]>([
    ['data', { note: 10n }],
    ['data, after what can', { views: 1, note: () => 'x' }],
    ['the name of a field', { views: 1, '~user': 'eve' }],
    ['data that is too large', { views: 1, note: 'x'.repeat(2000) }],
    ['a Map', new Map([['note', 'a']])],
    ['a promise', Promise.resolve({ note: 'a' })],
    ['a list', ['a']],
  ])('is refused as a whole with %s that cannot be stored', (_, data) => {
    for (const session of [stranger(), guest({ note: 'a' }), user({ note: 'a' })]) {
      expect(() => session.signIn('bob', { data })).toThrow(SessionError);
      expect(session.seal()).toEqual({ kind: 'unchanged' });
    }
  });

  it('is refused as a whole where mergeGuest keeps what cannot be stored', () => {
    const mergeGuest = () => ({ views: 1, note: 10n }) as never;
    const data = { note: 'a', count: 1 };
    const session = new Session(record(data), { ...context, mergeGuest });
    expect(() => session.signIn('alice')).toThrow(SessionError);
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });

  it.each([[null], [undefined], ['note'], [7], [['note']]])(
    'is refused where mergeGuest returns %j, and the guest stays one',
    (wrong) => {
      const mergeGuest = () => wrong as never;
      const session = new Session(record({ note: 'a' }), { ...context, mergeGuest });
      expect(() => session.signIn('alice')).toThrow(
        expect.objectContaining({
          code: 'SESSION_STATE',
          message: expect.stringMatching(/^The option mergeGuest did not return an object/),
        }),
      );
      expect(session.seal()).toEqual({ kind: 'unchanged' });
    },
  );

  it('asks nothing about the data of a user who signs in again', () => {
    const mergeGuest = () => {
      throw new Error('not a guest');
    };
    const session = new Session(record({ note: 'a' }, 'alice'), { ...context, mergeGuest });
    session.signIn('alice');
    expect(session.get('note')).toBe('a');
  });

  it('finds what the guest had with the user whom another click has signed in', () => {
    const gone = { reason: 'renewed', signedInAs: record({ note: 'kept' }, 'alice') } as const;
    const second = new Session(undefined, context, gone);
    expect(second.get('note')).toBeUndefined();
    second.signIn('alice', { data: { views: 1 } });
    expect(second.seal()).toMatchObject({
      kind: 'created',
      fields: new Map([
        ['note', '"kept"'],
        ['views', '1'],
      ]),
    });
    const other = new Session(undefined, context, gone);
    other.signIn('bob');
    expect(other.seal()).toMatchObject({ kind: 'created', fields: new Map() });
  });

  it('creates a session for a stranger, with nothing in it if need be', () => {
    const session = stranger();
    session.signIn('alice', { remember: true });
    expect(session.seal()).toMatchObject({
      kind: 'created',
      next: { userId: 'alice', lifetime: context.rememberedLifetime },
      fields: new Map(),
    });
  });

  it('as another user begins with nothing', () => {
    const session = user({ note: 'of alice' });
    session.set('views', 7);
    session.signIn('bob');
    expect(session.get('note')).toBeUndefined();
    expect(session.fieldNames()).toEqual([]);
    expect(session.seal()).toMatchObject({ kind: 'renewed', keepsData: false, changes: new Map() });
  });

  it('again as the same user keeps everything under a new token', () => {
    const session = user({ note: 'a' });
    session.reauthenticated();
    expect(session.get('note')).toBe('a');
    expect(session.seal()).toMatchObject({
      kind: 'renewed',
      keepsData: true,
      isAuthenticated: true,
    });
  });

  it.each([undefined, null, 7, '', 'x'.repeat(513), '\ud800'])('refuses %j as a user id', (id) => {
    const session = guest({ note: 'a' });
    expect(() => session.signIn(id as never)).toThrow(
      expect.objectContaining({ code: 'SESSION_STATE' }),
    );
    expect(session.isSignedIn).toBe(false);
  });

  it('confirmed again stays remembered, or not, as it was, whatever the lifetimes are', () => {
    const { lifetime, rememberedLifetime } = context;
    const sameEnd = { ...rememberedLifetime, absoluteSeconds: lifetime.absoluteSeconds };
    for (const remembered of [rememberedLifetime, sameEnd, lifetime]) {
      for (const isRemembered of [false, true]) {
        const before = { ...record({}, 'alice'), isRemembered };
        const session = new Session(before, { ...context, rememberedLifetime: remembered });
        session.reauthenticated();
        const next = { isRemembered, lifetime: isRemembered ? remembered : lifetime };
        expect(session.seal()).toMatchObject({ kind: 'renewed', next });
      }
    }
  });

  it('confirmed in the request that signs in stays remembered', () => {
    const session = guest();
    session.signIn('alice', { remember: true });
    session.reauthenticated();
    expect(session.seal()).toMatchObject({ next: { isRemembered: true } });
  });

  it('as another user asks anew whether to be remembered', () => {
    const session = new Session({ ...record({}, 'alice'), isRemembered: true }, context);
    session.signIn('bob');
    expect(session.seal()).toMatchObject({ next: { isRemembered: false } });
  });

  it('cannot be confirmed by a guest', () => {
    expect(() => guest().reauthenticated()).toThrow(/signIn\(userId\)/);
  });
});

describe('renew and destroy', () => {
  it('renew gives a new token and proves nothing', () => {
    const session = user();
    session.renew();
    expect(session.seal()).toMatchObject({
      kind: 'renewed',
      isAuthenticated: false,
      keepsData: true,
    });
    const none = stranger();
    none.renew();
    expect(none.seal()).toEqual({ kind: 'unchanged' });
  });

  it('renew in a request whose token has aged leaves nothing that the old token leads to', () => {
    const session = user();
    const alias = session.id!;
    session.rotate(alias);
    expect(session.seal()).toMatchObject({ kind: 'renewed', alias });
    const renewed = user();
    renewed.rotate(renewed.id!);
    renewed.renew();
    expect(renewed.seal()).toMatchObject({ kind: 'renewed', alias: undefined });
  });

  it('renew leaves a guest in the shard, so that it is one step', () => {
    const session = guest();
    const before = shardOfId(session.id!);
    session.renew();
    expect(shardOfId(session.id!)).toBe(before);
  });

  it('destroy ends the session, whatever else was done to it', () => {
    const session = user({ note: 'a' });
    session.set('note', 'b');
    session.destroy();
    expect(session).toMatchObject({ isSignedIn: false, userId: undefined, id: undefined });
    expect(session.get('note')).toBeUndefined();
    expect(() => session.set('note', 'c')).toThrow(/after destroy/);
    expect(session.seal()).toMatchObject({ kind: 'destroyed' });
  });

  it('destroy of what is not stored yet is nothing', () => {
    const session = stranger();
    session.set('note', 'a');
    session.destroy();
    expect(session.seal()).toEqual({ kind: 'unchanged' });
  });
});
