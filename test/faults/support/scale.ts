/** The whole (`npm run test:faults`) takes its time; the quick part runs with every `npm test`. */
export const isWhole = process.env['FAULTS'] === 'all';

/** A seed makes the crowd do the same things again; when they happen is up to the machine. */
export const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 1e9));

/** How often something is done: in the quick part, and in the whole. */
export function times(quick: number, whole: number): number {
  return isWhole ? whole : quick;
}

export const notWhole = !isWhole && 'takes minutes: FAULTS=all';
