import { deepEqual, equal, ok } from 'node:assert/strict';
import { GONE, LONG, SAVED, begin, fields, newSession, newUser, read } from './arrange.js';
import type { ContractClause } from './clause.js';

/** What is created, and read back. */
export const creating: readonly ContractClause[] = [
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
];
