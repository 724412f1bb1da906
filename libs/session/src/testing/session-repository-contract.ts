import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { FieldChange } from '../core/changes.js';
import type { NewSession, Renewal } from '../core/outcome.js';
import type { SessionRecord } from '../core/record.js';
import type { LocalSessionEvent } from '../core/session-event.js';
import type { SessionRepository } from '../core/session-repository.js';
import type { SessionLimitOptions } from '../session.options.js';
import { createToken, idOfToken, shardOfId, shardOfUser, type SessionId } from '../core/token.js';

/** One behaviour that every repository has. */
export interface ContractClause {
  /** A title for a test. */
  readonly name: string;
  /** What the repository is to be made with; by default any number of sessions. */
  readonly limit?: SessionLimitOptions;
  /** Rejects where the repository does not behave so. What it creates, it leaves. */
  check(repository: SessionRepository): Promise<void>;
}

const LONG = { idleSeconds: 600, absoluteSeconds: 3600 };
const SAVED = { kind: 'saved' };
const GONE = { kind: 'gone' };
const set = (value: unknown): FieldChange => ({ kind: 'set', text: JSON.stringify(value) });
const add = (amount: number): FieldChange => ({ kind: 'add', amount });
const fields = (data: Record<string, unknown>): Map<string, string> =>
  new Map(Object.entries(data).map(([field, value]) => [field, JSON.stringify(value)]));

/**
 * What a {@link SessionRepository} promises, without a test runner:
 *
 * ```ts
 * import { InMemorySessionRepository, sessionRepositoryContract } from 'nestjs-redis-session/testing';
 *
 * for (const { check } of sessionRepositoryContract) await check(new InMemorySessionRepository());
 * ```
 */
export const sessionRepositoryContract: readonly ContractClause[] = [
  {
    name: 'finds nothing under an id that never was',
    async check(repository) {
      equal(await repository.read(newSession().id), undefined);
      equal(await repository.whyGone(newSession().id), undefined);
    },
  },
  {
    name: 'reads back what was created',
    async check(repository) {
      const session = newSession(newUser());
      deepEqual(await repository.create(session, fields({ cart: ['a'], n: 1 })), SAVED);
      const record = await read(repository, session.id);
      deepEqual(record.fields, fields({ cart: ['a'], n: 1 }));
      equal(record.id, session.id);
      equal(record.userId, session.userId);
      deepEqual(record.device, session.device);
      equal(record.idleSeconds, LONG.idleSeconds);
      equal(record.deadlineAt, record.createdAt + LONG.absoluteSeconds * 1000);
      equal(record.lastSeenAt, record.createdAt);
      ok(record.authenticatedAt! <= record.createdAt);
    },
  },
  {
    name: 'reads only the fields that are asked for, and all else that it knows of the session',
    async check(repository) {
      const session = newSession(newUser());
      await repository.create(session, fields({ cart: ['a'], n: 1, note: 'x' }));
      const whole = await read(repository, session.id);
      for (const only of [['n', 'note'], ['n', 'never-was'], []]) {
        const wanted = [...whole.fields].filter(([field]) => only.includes(field));
        const part = { ...whole, fields: new Map(wanted) };
        deepEqual(await repository.read(session.id, only), part);
      }
      equal(await repository.read(newSession().id, ['n']), undefined);
    },
  },
  {
    name: 'keeps neither user nor device for a guest',
    async check(repository) {
      const record = await begin(repository);
      equal(record.userId, undefined);
      equal(record.authenticatedAt, undefined);
      deepEqual(record.device, { address: undefined, agent: undefined });
    },
  },
  {
    name: 'refuses to create under an id that is taken',
    async check(repository) {
      const session = newSession();
      await repository.create(session, fields({ n: 1 }));
      deepEqual(await repository.create(session, fields({ n: 2 })), GONE);
      deepEqual((await read(repository, session.id)).fields, fields({ n: 1 }));
    },
  },
  {
    name: 'refuses to create under the id of a session that ended a short while ago',
    async check(repository) {
      const session = newSession();
      await repository.create(session, fields({ n: 1 }));
      await repository.revoke([session.id], undefined, 'signed-out');
      deepEqual(await repository.create(session, fields({ n: 2 })), GONE);
      equal(await repository.read(session.id), undefined);
    },
  },
  {
    name: 'commits what changed and leaves the rest alone',
    async check(repository) {
      const { id } = await begin(repository, undefined, { a: 1, b: 2, c: 3 });
      const changes = new Map([
        ['a', set('new')],
        ['b', { kind: 'remove' } as const],
        ['d', set([])],
      ]);
      deepEqual(await repository.commit(id, changes), SAVED);
      deepEqual((await read(repository, id)).fields, fields({ a: 'new', c: 3, d: [] }));
    },
  },
  {
    name: 'adds to numbers that are there and to those that are not',
    async check(repository) {
      const { id } = await begin(repository, undefined, { whole: 40, half: 0.5 });
      const changes = new Map([
        ['whole', add(2)],
        ['half', add(1)],
        ['less', add(-3)],
      ]);
      deepEqual(await repository.commit(id, changes), SAVED);
      deepEqual((await read(repository, id)).fields, fields({ whole: 42, half: 1.5, less: -3 }));
    },
  },
  {
    name: 'refuses to add to what is no number, and then writes nothing',
    async check(repository) {
      const { id } = await begin(repository, undefined, { name: 'x', n: 1 });
      const changes = new Map([
        ['n', set(2)],
        ['name', add(1)],
      ]);
      await rejects(repository.commit(id, changes), { code: 'SESSION_FORMAT' });
      deepEqual((await read(repository, id)).fields, fields({ name: 'x', n: 1 }));
    },
  },
  {
    name: 'replaces a field only if nobody else wrote it',
    async check(repository) {
      const { id } = await begin(repository, undefined, { n: 1 });
      const replace = (expected: string | undefined, text: string): FieldChange => ({
        kind: 'replace',
        expected,
        text,
      });
      const first = new Map([
        ['n', replace('1', '2')],
        ['fresh', replace(undefined, '1')],
      ]);
      deepEqual(await repository.commit(id, first), SAVED);
      const late = new Map([
        ['n', replace('1', '3')],
        ['fresh', replace('1', '2')],
        ['never', replace('1', '2')],
        ['other', set(1)],
      ]);
      deepEqual(await repository.commit(id, late), {
        kind: 'conflict',
        current: new Map([
          ['n', '2'],
          ['never', undefined],
        ]),
      });
      deepEqual((await read(repository, id)).fields, fields({ n: 2, fresh: 1 }));
    },
  },
  {
    name: 'writes nothing unless every field that was expected still holds what it did',
    async check(repository) {
      const { id } = await begin(repository, undefined, { n: 1 });
      const other = new Map([['other', set(1)]]);
      const expected = (text: string) =>
        new Map([
          ['n', text],
          ['never', undefined],
        ]);
      deepEqual(await repository.commit(id, other, expected('2')), {
        kind: 'conflict',
        current: new Map([['n', '1']]),
      });
      deepEqual((await read(repository, id)).fields, fields({ n: 1 }));
      deepEqual(await repository.commit(id, other, expected('1')), SAVED);
      deepEqual((await read(repository, id)).fields, fields({ n: 1, other: 1 }));
    },
  },
  {
    name: 'ends a session only while it holds what was expected',
    async check(repository) {
      const { id } = await begin(repository, 'alice', { n: 1 });
      const record = await read(repository, id);
      const revokeIf = (text: string | undefined) =>
        repository.revokeIf(record, 'revoked', new Map([['n', text]]));
      deepEqual(await revokeIf('2'), { kind: 'conflict', current: new Map([['n', '1']]) });
      deepEqual(await repository.idsOfUser('alice'), [id]);
      deepEqual(await revokeIf('1'), SAVED);
      equal(await repository.read(id), undefined);
      deepEqual(await repository.idsOfUser('alice'), []);
      equal((await repository.whyGone(id))?.reason, 'revoked');
      deepEqual(await revokeIf('1'), GONE);
    },
  },
  {
    name: 'never brings back a session that ended',
    async check(repository) {
      const record = await begin(repository, newUser());
      const { id, userId } = record;
      equal(await repository.revoke([id], userId, 'signed-out'), 1);
      deepEqual(await repository.commit(id, new Map([['n', set(1)]])), GONE);
      equal(await repository.touch(record), false);
      deepEqual(await repository.renew(renewal(record)), GONE);
      equal(await repository.read(id), undefined);
      deepEqual(await repository.whyGone(id), {
        reason: 'signed-out',
        successor: undefined,
        signedInAs: undefined,
        isAlias: false,
      });
      equal(await repository.revoke([id], userId, 'revoked'), 0);
      deepEqual(await repository.whyGone(id), {
        reason: 'signed-out',
        successor: undefined,
        signedInAs: undefined,
        isAlias: false,
      });
    },
  },
  {
    name: 'ends a session that nobody used for its idle timeout',
    async check(repository) {
      const { id } = await begin(
        repository,
        undefined,
        {},
        { idleSeconds: 1, absoluteSeconds: 60 },
      );
      await untilGone(repository, id);
    },
  },
  {
    name: 'ends a session at its absolute timeout, however busy it is',
    async check(repository) {
      const record = await begin(repository, undefined, {}, { idleSeconds: 1, absoluteSeconds: 1 });
      await untilGone(repository, record.id, () => repository.touch(record));
    },
  },
  {
    name: 'keeps a session alive that is touched',
    async check(repository) {
      const record = await begin(repository, newUser());
      while (repository.now() <= record.lastSeenAt + 10) await tick();
      equal(await repository.touch(record), true);
      ok((await read(repository, record.id)).lastSeenAt > record.lastSeenAt);
    },
  },
  {
    name: 'renews a session with what it holds, its deadline and what others wrote meanwhile',
    async check(repository) {
      const record = await begin(repository, newUser(), { a: 1, b: 1 });
      await repository.commit(
        record.id,
        new Map([
          ['b', set(2)],
          ['c', set(2)],
        ]),
      );
      const moved = renewal(record, { changes: new Map([['a', set(3)]]) });
      deepEqual(await repository.renew(moved), SAVED);
      const renewed = await read(repository, moved.next.id);
      deepEqual(renewed.fields, fields({ a: 3, b: 2, c: 2 }));
      equal(renewed.deadlineAt, record.deadlineAt);
      equal(renewed.authenticatedAt, record.authenticatedAt);
      equal(await repository.read(record.id), undefined);
      deepEqual(await repository.whyGone(record.id), {
        reason: 'renewed',
        successor: moved.next.id,
        signedInAs: undefined,
        isAlias: false,
      });
      ok(renewed.tokenAt >= record.tokenAt);
      equal(renewed.createdAt, record.createdAt);
      deepEqual(await repository.idsOfUser(record.userId!), [moved.next.id]);
    },
  },
  {
    name: 'refuses a renewal whose update met another write, and then nothing has happened',
    async check(repository) {
      const record = await begin(repository, newUser(), { n: 1 });
      await repository.commit(record.id, new Map([['n', set(2)]]));
      const change: FieldChange = { kind: 'replace', expected: '1', text: '5' };
      const result = await repository.renew(renewal(record, { changes: new Map([['n', change]]) }));
      deepEqual(result, { kind: 'conflict', current: new Map([['n', '2']]) });
      deepEqual((await read(repository, record.id)).fields, fields({ n: 2 }));
    },
  },
  {
    name: "signs a guest in with the guest's data, and the guest's session is dead",
    async check(repository) {
      const guest = await begin(repository, undefined, { cart: ['a'], theme: 'dark', old: 1 });
      await repository.commit(
        guest.id,
        new Map([
          ['theme', set('light')],
          ['old', { kind: 'remove' }],
        ]),
      );
      const user = newUser();
      const signIn = renewal(guest, {
        next: newSession(user),
        isAuthenticated: true,
        changes: new Map([['tenant', set('acme')]]),
      });
      deepEqual(await repository.renew(signIn), SAVED);
      const record = await read(repository, signIn.next.id);
      equal(record.userId, user);
      deepEqual(record.fields, fields({ cart: ['a'], theme: 'light', tenant: 'acme' }));
      equal(await repository.read(guest.id), undefined);
      deepEqual(await repository.whyGone(guest.id), {
        reason: 'renewed',
        successor: undefined,
        signedInAs: signIn.next.id,
        isAlias: false,
      });
      deepEqual(await repository.idsOfUser(user), [record.id]);
    },
  },
  {
    name: 'starts the absolute lifetime anew when the user has proved who they are',
    async check(repository) {
      const user = newUser();
      const record = await begin(repository, user, {}, { idleSeconds: 5, absoluteSeconds: 5 });
      const again = renewal(record, { next: newSession(user), isAuthenticated: true });
      deepEqual(await repository.renew(again), SAVED);
      const renewed = await read(repository, again.next.id);
      ok(renewed.deadlineAt > record.deadlineAt + 3_000_000);
      equal(renewed.idleSeconds, LONG.idleSeconds);
    },
  },
  {
    name: 'gives another user nothing of what the one before had',
    async check(repository) {
      const record = await begin(repository, newUser(), { cart: ['a'] });
      const next = newSession(newUser());
      await repository.renew(renewal(record, { next, isAuthenticated: true, keepsData: false }));
      deepEqual((await read(repository, next.id)).fields, new Map());
      equal(await repository.read(record.id), undefined);
      equal((await repository.whyGone(record.id))?.reason, 'signed-out');
      deepEqual(await repository.idsOfUser(record.userId!), []);
    },
  },
  {
    name: 'ends many sessions of a user at once',
    async check(repository) {
      const user = newUser();
      const records = await Promise.all(
        Array.from({ length: 1100 }, () => begin(repository, user)),
      );
      const ids = records.map(({ id }) => id);
      deepEqual(new Set(await repository.idsOfUser(user)), new Set(ids));
      equal(await repository.revoke(ids, user, 'revoked'), 1100);
      deepEqual(await repository.idsOfUser(user), []);
    },
  },
  {
    name: 'ends all sessions of a user but the one to spare, and leaves other users alone',
    async check(repository) {
      const user = newUser();
      const [first, spared, other] = [
        await begin(repository, user),
        await begin(repository, user),
        await begin(repository, newUser()),
      ];
      equal((await repository.revokeAllOfUser(user, spared.id)).ended, 1);
      equal(await repository.read(first.id), undefined);
      equal((await repository.whyGone(first.id))?.reason, 'revoked');
      deepEqual(await repository.idsOfUser(user), [spared.id]);
      equal(await repository.touch(spared), true);
      deepEqual(await repository.renew(renewal(spared)), SAVED);
      equal((await repository.revokeAllOfUser(user, other.id)).ended, 1);
      equal(await repository.touch(other), true);
    },
  },
  {
    name: 'refuses a sign-in whose proof is older than a sign-out everywhere, and no later one',
    async check(repository) {
      const user = newUser();
      const early = newSession(user);
      const guest = await begin(repository);
      await tick();
      const { ended, epoch } = await repository.revokeAllOfUser(user);
      equal(ended, 0);
      deepEqual(await repository.create(early, new Map()), GONE);
      const late = renewal(guest, { next: early, isAuthenticated: true });
      deepEqual(await repository.renew(late), GONE);
      const after = { ...newSession(user), provenAt: early.provenAt, afterEpoch: epoch };
      deepEqual(await repository.create(after, new Map()), SAVED);
      await tick();
      await begin(repository, user);
    },
  },
  {
    name: 'lets no renewal that is under way escape a sign-out everywhere',
    async check(repository) {
      const user = newUser();
      const record = await begin(repository, user);
      const moved = renewal(record);
      await Promise.all([repository.revokeAllOfUser(user), repository.renew(moved)]);
      equal(await repository.read(record.id), undefined);
      equal(await repository.read(moved.next.id), undefined);
    },
  },
  {
    name: 'lets an old token lead to the session for a while, where the token had aged',
    async check(repository) {
      const record = await begin(repository, newUser());
      const moved = renewal(record, { keepsAlias: true });
      deepEqual(await repository.renew(moved), SAVED);
      deepEqual(await repository.whyGone(record.id), {
        reason: 'renewed',
        successor: moved.next.id,
        signedInAs: undefined,
        isAlias: true,
      });
    },
  },
  {
    name: 'makes room at the limit by ending the session that was signed in to first',
    limit: { limit: 2, whenReached: 'evict-oldest' },
    async check(repository) {
      const user = newUser();
      const ids: SessionId[] = [];
      for (let i = 0; i < 4; i++) {
        ids.push((await begin(repository, user)).id);
        await tick();
      }
      deepEqual(new Set(await repository.idsOfUser(user)), new Set(ids.slice(2)));
      equal((await repository.whyGone(ids[1]!))?.reason, 'evicted');
      await begin(repository, newUser());
      await begin(repository);
      equal((await repository.idsOfUser(user)).length, 2);
    },
  },
  {
    name: 'refuses a sign-in at the limit, and accepts one when there is room again',
    limit: { limit: 1, whenReached: 'refuse' },
    async check(repository) {
      const user = newUser();
      const { id } = await begin(repository, user);
      deepEqual(await repository.create(newSession(user), new Map()), { kind: 'limit' });
      const guest = await begin(repository);
      const signIn = renewal(guest, { next: newSession(user), isAuthenticated: true });
      deepEqual(await repository.renew(signIn), { kind: 'limit' });
      ok(await repository.read(guest.id), 'the guest is still there');
      await repository.revoke([id], user, 'signed-out');
      deepEqual(await repository.renew(signIn), SAVED);
    },
  },
  {
    name: 'never has more than the limit, however many sign in at once',
    limit: { limit: 3, whenReached: 'evict-oldest' },
    async check(repository) {
      const user = newUser();
      const sessions = Array.from({ length: 64 }, () => newSession(user));
      await Promise.all(sessions.map((session) => repository.create(session, new Map())));
      equal((await repository.idsOfUser(user)).length, 3);
      const records = await Promise.all(sessions.map(({ id }) => repository.read(id)));
      equal(records.filter(Boolean).length, 3);
    },
  },
  {
    name: 'takes any text as user id and as the name of a field',
    async check(repository) {
      for (const text of [
        '{}',
        '{a}:b',
        'a:b',
        '*',
        'ü🦊',
        ' ',
        'a\r\nb',
        '\u0000',
        '-1',
        'toString',
      ]) {
        const record = await begin(repository, text, { [text]: text });
        deepEqual(record.fields, fields({ [text]: text }));
        deepEqual(await repository.idsOfUser(text), [record.id]);
        await repository.revoke([record.id], text, 'revoked');
      }
    },
  },
  {
    name: 'loses none of a hundred additions at once',
    async check(repository) {
      const { id } = await begin(repository);
      const one = new Map([['n', add(1)]]);
      await Promise.all(Array.from({ length: 100 }, () => repository.commit(id, one)));
      deepEqual((await read(repository, id)).fields, fields({ n: 100 }));
    },
  },
  {
    name: 'lets exactly one of many replacements win',
    async check(repository) {
      const { id } = await begin(repository, undefined, { n: 0 });
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) => {
          const change: FieldChange = { kind: 'replace', expected: '0', text: String(i + 1) };
          return repository.commit(id, new Map([['n', change]]));
        }),
      );
      equal(results.filter(({ kind }) => kind === 'saved').length, 1);
    },
  },
  {
    name: 'moves a session once when it is renewed twice at once',
    async check(repository) {
      const record = await begin(repository, newUser());
      const results = await Promise.all([
        repository.renew(renewal(record)),
        repository.renew(renewal(record)),
      ]);
      deepEqual(results.map(({ kind }) => kind).toSorted(), ['gone', 'saved']);
      equal((await repository.idsOfUser(record.userId!)).length, 1);
    },
  },
  {
    name: 'tells once how a session began, with the names of its fields and never their values',
    async check(repository) {
      const [guest, user, adopted] = [
        newSession(),
        newSession(newUser()),
        { ...newSession(newUser()), isAdopted: true },
      ];
      for (const [session, told] of [
        [guest, { type: 'created', isAdopted: false }],
        [user, { type: 'signed-in', previousId: undefined }],
        [adopted, { type: 'created', isAdopted: true }],
      ] as const) {
        const before = await repository.time();
        const events = await heard(repository, () => repository.create(session, fields({ a: 1 })));
        const { id: sessionId, userId } = session;
        deepEqual(events.map(withoutTime), [{ sessionId, userId, fields: ['a'], ...told }]);
        ok(events[0]!.at >= Math.floor(before) && events[0]!.at <= (await repository.time()));
        deepEqual(await heard(repository, () => repository.create(session, new Map())), []);
      }
    },
  },
  {
    name: 'tells which fields were changed, and nothing of what was refused',
    async check(repository) {
      for (const userId of [undefined, newUser()]) {
        const { id } = await begin(repository, userId, { a: 1, b: 1 });
        const tellOf = async (changes: [string, FieldChange][], expected?: Map<string, string>) =>
          (await heard(repository, () => repository.commit(id, new Map(changes), expected))).map(
            withoutTime,
          );
        deepEqual(
          await tellOf([
            ['a', set(2)],
            ['b', { kind: 'remove' }],
            ['c', add(1)],
          ]),
          [{ type: 'changed', sessionId: id, userId, fields: ['a', 'b', 'c'] }],
        );
        deepEqual(await tellOf([]), []);
        deepEqual(await tellOf([['a', set(3)]], new Map([['a', '1']])), []);
        await repository.revoke([id], userId, 'revoked');
        deepEqual(await tellOf([['a', set(3)]]), []);
      }
    },
  },
  {
    name: 'tells of a renewal once, with the id before, and nothing of one that was refused',
    async check(repository) {
      for (const userId of [undefined, newUser()]) {
        const record = await begin(repository, userId, { n: 1 });
        const late: FieldChange = { kind: 'replace', expected: '0', text: '5' };
        const conflict = renewal(record, { changes: new Map([['n', late]]) });
        deepEqual(await heard(repository, () => repository.renew(conflict)), []);
        const moved = renewal(record, { changes: new Map([['n', set(2)]]) });
        const events = await heard(repository, () => repository.renew(moved));
        deepEqual(events.map(withoutTime), [
          {
            type: 'renewed',
            sessionId: moved.next.id,
            userId,
            fields: ['n'],
            previousId: record.id,
          },
        ]);
        deepEqual(await heard(repository, () => repository.renew(renewal(record))), []);
      }
    },
  },
  {
    name: 'tells of a user who confirms who they are as of a renewal',
    async check(repository) {
      const record = await begin(repository, newUser());
      const again = renewal(record, { isAuthenticated: true });
      const events = await heard(repository, () => repository.renew(again));
      deepEqual(
        events.map(({ type }) => type),
        ['renewed'],
      );
    },
  },
  {
    name: "tells of a guest's sign-in once, also where others wrote to the guest's session meanwhile",
    async check(repository) {
      const guest = await begin(repository, undefined, { cart: [] });
      await repository.commit(guest.id, new Map([['cart', set(['a'])]]));
      const userId = newUser();
      const changes = new Map([['tenant', set('acme')]]);
      const next = newSession(userId);
      const signIn = renewal(guest, { next, isAuthenticated: true, changes });
      const events = await heard(repository, () => repository.renew(signIn));
      const facts = { sessionId: next.id, userId, fields: ['tenant'] };
      deepEqual(events.map(withoutTime), [{ type: 'signed-in', ...facts, previousId: guest.id }]);
    },
  },
  {
    name: 'tells that a user is signed out when another takes their place',
    async check(repository) {
      const record = await begin(repository, newUser());
      const next = newSession(newUser());
      const signIn = renewal(record, { next, isAuthenticated: true, keepsData: false });
      const events = await heard(repository, () => repository.renew(signIn));
      deepEqual(events.map(withoutTime), [
        { type: 'signed-out', sessionId: record.id, userId: record.userId },
        {
          type: 'signed-in',
          sessionId: next.id,
          userId: next.userId,
          fields: [],
          previousId: undefined,
        },
      ]);
    },
  },
  {
    name: 'tells of each session that ended, and of none that was not there',
    async check(repository) {
      const userId = newUser();
      const [a, b, c, d] = [
        await begin(repository, userId),
        await begin(repository, userId),
        await begin(repository, userId),
        await begin(repository, userId, { n: 1 }),
      ];
      const revokeAll = (ids: SessionId[], reason: 'revoked' | 'signed-out') =>
        heard(repository, () => repository.revoke(ids, userId, reason));
      const toldOf = (sessionId: SessionId) => ({
        type: 'revoked',
        sessionId,
        userId,
        reason: 'revoked',
      });
      deepEqual((await revokeAll([b.id], 'signed-out')).map(withoutTime), [
        { type: 'signed-out', sessionId: b.id, userId },
      ]);
      const some = [newSession(userId).id, a.id, b.id, c.id];
      deepEqual((await revokeAll(some, 'revoked')).map(withoutTime), [a.id, c.id].map(toldOf));
      deepEqual(await revokeAll(some, 'revoked'), []);
      const revokeIf = (text: string) =>
        heard(repository, () => repository.revokeIf(d, 'revoked', new Map([['n', text]])));
      deepEqual(await revokeIf('2'), []);
      deepEqual((await revokeIf('1')).map(withoutTime), [toldOf(d.id)]);
      deepEqual(await revokeIf('1'), []);
    },
  },
  {
    name: 'tells of each session that a sign-out everywhere has ended, but of the one to spare',
    async check(repository) {
      const userId = newUser();
      const records = await Promise.all([1, 2, 3].map(() => begin(repository, userId)));
      const [spared, ...others] = records.map(({ id }) => id);
      const events = await heard(repository, () => repository.revokeAllOfUser(userId, spared));
      deepEqual(new Set(events.map(({ sessionId }) => sessionId)), new Set(others));
      for (const { sessionId, at } of events) {
        const told = events.filter((event) => event.sessionId === sessionId);
        deepEqual(told, [{ type: 'revoked', sessionId, userId, at, reason: 'revoked' }]);
      }
    },
  },
  {
    name: 'tells in one which sessions were evicted and which began in their place',
    limit: { limit: 1, whenReached: 'evict-oldest' },
    async check(repository) {
      const { id, userId } = await begin(repository, newUser());
      const evicted = { type: 'revoked', sessionId: id, userId, reason: 'evicted' };
      const next = newSession(userId);
      const began = { type: 'signed-in', sessionId: next.id, userId, fields: [] };
      const acts: LocalSessionEvent[][] = [];
      const stop = repository.listeners.add((events) => void acts.push([...events]));
      await repository.create(next, new Map());
      stop();
      deepEqual(
        acts.map((events) => events.map(withoutTime)),
        [[evicted, { ...began, previousId: undefined }]],
      );
      const record = await read(repository, next.id);
      const again = renewal(record, { isAuthenticated: true });
      const events = await heard(repository, () => repository.renew(again));
      deepEqual(
        events.map(({ type }) => type),
        ['renewed'],
      );
    },
  },
  {
    name: 'tells nothing of a sign-in that was refused',
    limit: { limit: 1, whenReached: 'refuse' },
    async check(repository) {
      const { userId } = await begin(repository, newUser());
      const tooMany = () => repository.create(newSession(userId), new Map());
      deepEqual(await heard(repository, tooMany), []);
      const early = newSession(newUser());
      await tick();
      await repository.revokeAllOfUser(early.userId!);
      deepEqual(await heard(repository, () => repository.create(early, new Map())), []);
    },
  },
  {
    name: 'tells nothing of what is read, touched or gone',
    async check(repository) {
      const record = await begin(repository, newUser());
      const events = await heard(repository, async () => {
        await repository.read(record.id);
        await repository.touch(record);
        await repository.idsOfUser(record.userId!);
        await repository.whyGone(newSession().id);
        await repository.touch({ ...record, id: newSession(record.userId).id });
      });
      deepEqual(events, []);
    },
  },
  {
    name: 'answers once its listeners have heard, and tells the same ones of what is to be durable',
    async check(repository) {
      equal(repository.durable('disk').listeners, repository.listeners);
      let hasHeard = false;
      const stop = repository.listeners.add(async () => {
        await tick();
        hasHeard = true;
      });
      await repository.create(newSession(), new Map());
      equal(hasHeard, true);
      stop();
      const fail = repository.listeners.add(() => Promise.reject(new Error('not heard')));
      await rejects(repository.create(newSession(), new Map()), { message: 'not heard' });
      fail();
      equal(repository.listeners.isHeard, false);
    },
  },
];

let users = 0;
const newUser = (): string => `contract-${process.pid}-${Date.now()}-${users++}`;

function newSession(userId?: string, lifetime = LONG, near?: SessionId): NewSession {
  const ofGuest = near && shardOfId(near);
  const token = createToken(userId === undefined ? ofGuest : shardOfUser(userId));
  const device = { address: '192.0.2.7', agent: 'Contract/1.0' };
  return {
    id: idOfToken(token),
    token,
    userId,
    lifetime,
    device,
    provenAt: performance.now(),
    afterEpoch: undefined,
  };
}

function renewal(from: SessionRecord, given: Partial<Renewal> = {}): Renewal {
  return {
    kind: 'renewed',
    from,
    next: newSession(from.userId, LONG, from.id),
    isAuthenticated: false,
    keepsAlias: false,
    keepsData: true,
    changes: new Map(),
    ...given,
  };
}

async function begin(
  repository: SessionRepository,
  userId?: string,
  data: Record<string, unknown> = {},
  lifetime = LONG,
): Promise<SessionRecord> {
  const session = newSession(userId, lifetime);
  deepEqual(await repository.create(session, fields(data)), SAVED);
  return read(repository, session.id);
}

async function read(repository: SessionRepository, id: SessionId): Promise<SessionRecord> {
  const record = await repository.read(id);
  ok(record, 'the session is there');
  return record;
}

/** What a repository tells while something is done with it. */
async function heard(
  repository: SessionRepository,
  act: () => Promise<unknown>,
): Promise<LocalSessionEvent[]> {
  const events: LocalSessionEvent[] = [];
  const stop = repository.listeners.add((told) => void events.push(...told));
  await act();
  stop();
  return events;
}

function withoutTime({ at, ...event }: LocalSessionEvent): Omit<LocalSessionEvent, 'at'> {
  ok(at > 0);
  return event;
}

async function untilGone(
  repository: SessionRepository,
  id: SessionId,
  meanwhile: () => Promise<unknown> = tick,
): Promise<void> {
  const patience = Date.now() + 5000;
  while (await repository.read(id)) {
    ok(Date.now() < patience, 'the session ends');
    await meanwhile();
  }
}

async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
