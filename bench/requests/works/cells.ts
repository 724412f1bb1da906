import type { Cell } from '../measure-cell.js';
import type { Plan } from '../options.js';
import type { WorkName } from '../load/works.js';

/** Works that do not touch what a session holds, or make one. */
const AT_ONE_SIZE: readonly WorkName[] = ['stranger', 'sign-in'];
const AT_ALL_CONCURRENCIES: readonly WorkName[] = ['read', 'write'];

/** Everything that is measured, by the size of a session. Signing in comes last: it leaves sessions behind. */
export function cellsOf({ works, sizes, concurrencies }: Plan): Map<number, Cell[]> {
  return new Map(
    sizes.map((bytes, nth) => {
      const ofSize = works.filter((work) => nth === 0 || !AT_ONE_SIZE.includes(work));
      const cells = ofSize.flatMap((work) =>
        concurrencies
          .filter((_, i) => i === 0 || (nth === 0 && AT_ALL_CONCURRENCIES.includes(work)))
          .map((concurrency) => ({ work, bytes, concurrency })),
      );
      return [bytes, cells];
    }),
  );
}
