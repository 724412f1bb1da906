import { equal, ok } from 'node:assert/strict';
import { begin, newUser, read, tick, untilGone } from './arrange.js';
import type { ContractClause } from './clause.js';

/** How long sessions live. */
export const living: readonly ContractClause[] = [
  {
    name: 'ends a session that nobody used for its idle timeout',
    async check(repository) {
      const { id } = await begin(
        repository,
        undefined,
        {},
        { idleSeconds: 1, absoluteSeconds: 60 },
      );
      await untilGone(repository, id);
    },
  },
  {
    name: 'ends a session at its absolute timeout, however busy it is',
    async check(repository) {
      const record = await begin(repository, undefined, {}, { idleSeconds: 1, absoluteSeconds: 1 });
      await untilGone(repository, record.id, () => repository.touch(record));
    },
  },
  {
    name: 'keeps a session alive that is touched',
    async check(repository) {
      const record = await begin(repository, newUser());
      while (repository.now() <= record.lastSeenAt + 10) await tick();
      equal(await repository.touch(record), true);
      ok((await read(repository, record.id)).lastSeenAt > record.lastSeenAt);
    },
  },
];
