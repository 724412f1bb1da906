declare global {
  /** Set by Jest's project `short`: a spec of `slow` does a fraction of its rounds then. */
  // oxlint-disable-next-line no-var -- Only `var` adds to the global object.
  var isShort: boolean;
}

/** A seed makes the crowd do the same things again; when they happen is up to the machine. */
export const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Math.random() * 1e9));

/** How often something is done: in `npm test`, and in `npm run test:slow`. */
export function times(short: number, whole: number): number {
  return globalThis.isShort ? short : whole;
}

export const notShort = globalThis.isShort && 'takes minutes: npm run test:slow';
