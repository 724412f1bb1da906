import { deepEqual, equal } from 'node:assert/strict';
import { begin, LONG, newSession, newUser, read, renewal, SAVED } from './arrange.js';
import type { ContractClause } from './clause.js';

/** Whether a user asked to be remembered. */
export const remembering: readonly ContractClause[] = [
  {
    name: 'keeps whether the user asked to be remembered, whatever the lifetimes are',
    async check(repository) {
      for (const isRemembered of [true, false]) {
        const session = { ...newSession(newUser()), isRemembered };
        await repository.create(session, new Map());
        equal((await read(repository, session.id)).isRemembered, isRemembered);
      }
      equal((await begin(repository, newUser())).isRemembered, false);
      equal((await begin(repository)).isRemembered, false);
    },
  },
  {
    name: 'keeps whether the user asked to be remembered until a sign-in says otherwise',
    async check(repository) {
      const session = { ...newSession(newUser()), isRemembered: true };
      await repository.create(session, new Map());
      let record = await read(repository, session.id);
      const steps = [
        { isAuthenticated: false, asked: false, isRemembered: true },
        { isAuthenticated: true, asked: true, isRemembered: true },
        { isAuthenticated: true, asked: false, isRemembered: false },
        { isAuthenticated: false, asked: true, isRemembered: false },
        { isAuthenticated: true, asked: true, isRemembered: true },
      ];
      for (const { isAuthenticated, asked, isRemembered } of steps) {
        const next = { ...newSession(record.userId, LONG, record.id), isRemembered: asked };
        deepEqual(await repository.renew(renewal(record, { next, isAuthenticated })), SAVED);
        record = await read(repository, next.id);
        equal(record.isRemembered, isRemembered);
      }
    },
  },
  {
    name: 'keeps that a guest who signs in asked to be remembered',
    async check(repository) {
      const guest = await begin(repository);
      const next = { ...newSession(newUser()), isRemembered: true };
      deepEqual(await repository.renew(renewal(guest, { next, isAuthenticated: true })), SAVED);
      equal((await read(repository, next.id)).isRemembered, true);
    },
  },
];
