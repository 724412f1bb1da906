import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { LocalSessionEvent } from '../../core/session-event.js';
import type { SessionId } from '../../core/token.js';
import { begin, heard, newSession, newUser, read, renewal, tick, withoutTime } from './arrange.js';
import type { ContractClause } from './clause.js';

/** What listeners hear of sessions that end, and what they do not hear. */
export const tellingOfEndings: readonly ContractClause[] = [
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
    name: 'tells of no end of a session that had ended before another user signed in',
    async check(repository) {
      const record = await begin(repository, newUser());
      await repository.revoke([record.id], record.userId, 'revoked');
      const next = newSession(newUser());
      const signIn = renewal(record, { next, isAuthenticated: true, keepsData: false });
      const events = await heard(repository, () => repository.renew(signIn));
      deepEqual(
        events.filter(({ sessionId }) => sessionId === record.id),
        [],
      );
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
    limit: { limit: 1, whenReached: 'evict-least-recently-used' },
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
