import { deepEqual, equal } from 'node:assert/strict';
import { begin, GONE, newSession, newUser, read, renewal, SAVED, set, tick } from './arrange.js';
import type { ContractClause } from './clause.js';

/** Sessions that are ended, and stay so. */
export const ending: readonly ContractClause[] = [
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
];
