import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { SessionRepository } from '../../core/session-repository.js';
import { begin, heard, newSession, newUser, read, SAVED, tick, withoutTime } from './arrange.js';
import type { ContractClause } from './clause.js';

/** A tenant of no other clause. */
const newTenant = () => ({ tenant: newUser() });
const holding = (tenant: unknown) => ({ field: 'tenant', text: JSON.stringify(tenant) });

async function nextMillisecond(repository: SessionRepository): Promise<number> {
  const now = repository.now();
  while (repository.now() <= now) await tick();
  return repository.now();
}

/** Cutoffs: what is from before a moment is invalid. */
export const cuttingOff: readonly ContractClause[] = [
  {
    name: 'ends sessions of users who authenticated before a cutoff, when they are read, and tells of it',
    async check(repository) {
      const old = await begin(repository, newUser(), { n: 1 });
      const guest = await begin(repository);
      const before = old.authenticatedAt! + 1;
      while ((await begin(repository, newUser())).authenticatedAt! < before) await tick();
      const later = await begin(repository, newUser());
      await repository.revokeAll({ before, where: undefined, guests: false });
      const told = await heard(repository, async () => {
        equal(await repository.read(old.id), undefined);
        equal(await repository.read(old.id, ['n']), undefined);
      });
      deepEqual(told.map(withoutTime), [
        { type: 'revoked', sessionId: old.id, userId: old.userId, reason: 'revoked' },
      ]);
      equal((await repository.whyGone(old.id))?.reason, 'revoked');
      deepEqual(await repository.idsOfUser(old.userId!), []);
      ok(await repository.read(later.id), 'a later session is there');
      ok(await repository.read(guest.id), 'a guest is there');
    },
  },
  {
    name: 'ends sessions of guests that began before a cutoff, where it is for guests, too',
    async check(repository) {
      const tenants = newTenant();
      const [guest, user] = [
        await begin(repository, undefined, tenants),
        await begin(repository, newUser(), tenants),
      ];
      const before = await nextMillisecond(repository);
      const where = holding(tenants.tenant);
      await repository.revokeAll({ before, where, guests: true });
      equal(await repository.read(guest.id, []), undefined);
      equal(await repository.read(user.id, []), undefined);
      await nextMillisecond(repository);
      const later = await begin(repository, undefined, tenants);
      ok(await repository.read(later.id), 'a later guest is there');
    },
  },
  {
    name: 'ends only sessions in which a field holds what a cutoff is for, whichever fields are read',
    async check(repository) {
      const { tenant } = newTenant();
      const number = Math.random();
      const among = (value: unknown) => begin(repository, newUser(), { tenant: value, n: 1 });
      const ended = [await among(tenant), await among(number), await among(true)];
      const others = [
        await among(`${tenant}2`),
        await among(String(number)),
        await among('true'),
        await among([tenant]),
        await begin(repository, newUser(), { n: 1 }),
        await begin(repository, newUser(), { other: tenant, n: 1 }),
      ];
      const before = await nextMillisecond(repository);
      await Promise.all(
        [tenant, number, true].map((value) =>
          repository.revokeAll({ before, where: holding(value), guests: false }),
        ),
      );
      for (const { id } of ended) equal(await repository.read(id, ['n']), undefined);
      for (const { id } of others) {
        const part = await repository.read(id, ['n']);
        deepEqual(part?.fields, new Map([['n', '1']]));
        ok((await repository.read(id))?.fields.has('n'), 'another session is there');
      }
    },
  },
  {
    name: 'keeps the latest of the moments of a cutoff',
    async check(repository) {
      const tenants = newTenant();
      const first = await begin(repository, newUser(), tenants);
      const early = first.authenticatedAt! + 1;
      await nextMillisecond(repository);
      const second = await begin(repository, newUser(), tenants);
      const before = await nextMillisecond(repository);
      const where = holding(tenants.tenant);
      await repository.revokeAll({ before, where, guests: false });
      await repository.revokeAll({ before: early, where, guests: false });
      equal(await repository.read(first.id), undefined);
      equal(await repository.read(second.id), undefined);
    },
  },
  {
    name: 'takes a moment a little ahead of the clock of the store for now, and refuses a later one',
    async check(repository) {
      const tenants = newTenant();
      const where = holding(tenants.tenant);
      const { id } = await begin(repository, newUser(), tenants);
      const now = repository.now();
      await rejects(repository.revokeAll({ before: now + 3_600_000, where, guests: false }), {
        code: 'SESSION_STATE',
      });
      ok(await repository.read(id), 'nothing was ended');
      await repository.revokeAll({ before: now + 30_000, where, guests: false });
      equal(await repository.read(id), undefined);
      await nextMillisecond(repository);
      const later = await begin(repository, newUser(), tenants);
      ok(await repository.read(later.id), 'a later session is there');
    },
  },
  {
    name: 'does not count sessions from before a cutoff towards the limit of a user',
    limit: { limit: 2, whenReached: 'refuse' },
    async check(repository) {
      const [user, tenants] = [newUser(), newTenant()];
      const records = [
        await begin(repository, user, tenants),
        await begin(repository, user, { tenant: 'other' }),
      ];
      deepEqual(await repository.create(newSession(user), new Map()), { kind: 'limit' });
      const before = await nextMillisecond(repository);
      await repository.revokeAll({ before, where: holding(tenants.tenant), guests: false });
      deepEqual(await repository.create(newSession(user), new Map()), SAVED);
      deepEqual(await repository.create(newSession(user), new Map()), { kind: 'limit' });
      equal((await repository.whyGone(records[0]!.id))?.reason, 'revoked');
      await read(repository, records[1]!.id);
    },
  },
];
