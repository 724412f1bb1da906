import { deepEqual, equal } from 'node:assert/strict';
import { SAVED, begin, fields, newSession, newUser, read, renewal } from './arrange.js';
import type { ContractClause } from './clause.js';

/** Tokens that were replaced because they had aged. */
export const rotating: readonly ContractClause[] = [
  {
    name: 'lets an old token that had aged lead to the session until the new one is confirmed',
    async check(repository) {
      const record = await begin(repository, newUser());
      const moved = renewal(record, { alias: record.id });
      deepEqual(await repository.renew(moved), SAVED);
      const isAlias = { reason: 'renewed', signedInAs: undefined, isAlias: true };
      deepEqual(await repository.whyGone(record.id), { ...isAlias, successor: moved.next.id });
      const renewed = await read(repository, moved.next.id);
      equal(renewed.formerId, record.id);
      await repository.confirm(renewed);
      const confirmed = await read(repository, moved.next.id);
      equal(confirmed.formerId, undefined);
      deepEqual(confirmed, { ...renewed, formerId: undefined });
      await repository.confirm(confirmed);
      await repository.confirm(record);
      equal(await repository.read(record.id), undefined);
    },
  },
  {
    name: 'lets it lead to where the session is, if that is renewed again before',
    async check(repository) {
      const first = await begin(repository, undefined, { cart: ['a'] });
      const moved = renewal(first, { alias: first.id });
      await repository.renew(moved);
      const second = await read(repository, moved.next.id);
      const again = renewal(second, { alias: first.id });
      deepEqual(await repository.renew(again), SAVED);
      for (const { id } of [first, second]) {
        equal((await repository.whyGone(id))?.successor, again.next.id);
      }
      const third = await read(repository, again.next.id);
      equal(third.formerId, first.id);
      deepEqual(third.fields, fields({ cart: ['a'] }));
      // Too late: there is a newer one.
      await repository.confirm(second);
      equal((await read(repository, third.id)).formerId, first.id);
    },
  },
  {
    name: 'lets no older token lead to a session that was signed in to, or renewed on purpose',
    async check(repository) {
      for (const isAuthenticated of [true, false]) {
        const user = newUser();
        const record = await begin(repository, user);
        const moved = renewal(record, { alias: record.id });
        await repository.renew(moved);
        const renewed = await read(repository, moved.next.id);
        const next = renewal(renewed, { next: newSession(user), isAuthenticated });
        deepEqual(await repository.renew(next), SAVED);
        equal((await read(repository, next.next.id)).formerId, undefined);
        equal((await repository.whyGone(record.id))?.successor, renewed.id);
        equal((await repository.whyGone(renewed.id))?.isAlias, false);
      }
    },
  },
];
