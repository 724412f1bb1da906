import { deepEqual, equal, ok } from 'node:assert/strict';
import type { FieldChange } from '../../core/changes.js';
import { LONG, SAVED, begin, fields, newSession, newUser, read, renewal, set } from './arrange.js';
import type { ContractClause } from './clause.js';

/** New tokens, and sign-ins. */
export const renewing: readonly ContractClause[] = [
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
];
