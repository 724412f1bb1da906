declare global {
  /** Set by Jest's project `short`: a spec of `slow` does a fraction of its rounds then. */
  // oxlint-disable-next-line no-var -- Only `var` adds to the global object.
  var isShort: boolean;
}

const scale = Number(process.env['TEST_SCALE'] ?? 1);

/** The same seed makes the same random choices; when they happen depends on the machine. */
export const seed = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 1e9));

/** How often something is done: in `npm test`, and in `npm run test:slow`, where TEST_SCALE multiplies it. */
export function times(short: number, whole: number): number {
  return globalThis.isShort ? short : Math.ceil(whole * scale);
}

/** Why a test is skipped that takes minutes even with few rounds. A function, since one worker runs files of both kinds. */
export const notInShort = () => globalThis.isShort && 'takes minutes: npm run test:slow';

/** Puts the seed in front of what a random run found, so that a failure prints it. Empty if nothing was found. */
export function withSeed(faults: readonly string[]): string[] {
  return faults.length === 0 ? [] : [`TEST_SEED=${seed}`, ...faults];
}
