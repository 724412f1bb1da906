import { deepEqual, equal, ok } from 'node:assert/strict';
import type { SessionRecord } from '../../core/record.js';
import type { SessionId } from '../../core/token.js';
import { begin, newSession, newUser, read, renewal, SAVED, tick } from './arrange.js';
import type { ContractClause } from './clause.js';

/** How many sessions a user may have. */
export const limiting: readonly ContractClause[] = [
  {
    name: 'makes room at the limit by ending the session that was signed in to first, if none was used since',
    limit: { limit: 2, whenReached: 'evict-least-recently-used' },
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
    name: 'makes room by ending the session that was used last the longest ago, whenever it was signed in to',
    limit: { limit: 3, whenReached: 'evict-least-recently-used' },
    async check(repository) {
      const user = newUser();
      const records: SessionRecord[] = [];
      for (let i = 0; i < 3; i++) {
        records.push(await begin(repository, user));
        await tick();
      }
      const [first, second, third] = records as [SessionRecord, SessionRecord, SessionRecord];
      for (const used of [third, first]) {
        ok(await repository.touch(used));
        await tick();
      }
      const { id } = await begin(repository, user);
      equal((await repository.whyGone(second.id))?.reason, 'evicted');
      await tick();
      ok(await repository.touch(await read(repository, third.id)));
      await tick();
      const last = await begin(repository, user);
      equal((await repository.whyGone(first.id))?.reason, 'evicted');
      deepEqual(new Set(await repository.idsOfUser(user)), new Set([third.id, id, last.id]));
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
    limit: { limit: 3, whenReached: 'evict-least-recently-used' },
    async check(repository) {
      const user = newUser();
      const sessions = Array.from({ length: 64 }, () => newSession(user));
      await Promise.all(sessions.map((session) => repository.create(session, new Map())));
      equal((await repository.idsOfUser(user)).length, 3);
      const records = await Promise.all(sessions.map(({ id }) => repository.read(id)));
      equal(records.filter(Boolean).length, 3);
    },
  },
];
