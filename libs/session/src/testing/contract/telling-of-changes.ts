import { deepEqual, ok } from 'node:assert/strict';
import type { FieldChange } from '../../core/changes.js';
import {
  add,
  begin,
  fields,
  heard,
  newSession,
  newUser,
  renewal,
  set,
  withoutTime,
} from './arrange.js';
import type { ContractClause } from './clause.js';

/** What listeners hear of sessions that live. */
export const tellingOfChanges: readonly ContractClause[] = [
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
];
