import { deepEqual, equal, rejects } from 'node:assert/strict';
import type { FieldChange } from '../../core/changes.js';
import { SAVED, add, begin, fields, read, set } from './arrange.js';
import type { ContractClause } from './clause.js';

/** What requests write. */
export const committing: readonly ContractClause[] = [
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
];
