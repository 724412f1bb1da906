import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { type Goal, isMet } from './goal.js';

/** Writes all that was measured, with the machine it was measured on, as JSON. */
export function writeFigures(
  path: string,
  goals: readonly Goal[],
  figures: Readonly<Record<string, unknown>>,
): void {
  const all = {
    at: new Date().toISOString(),
    node: process.version,
    cpus: cpus().map(({ model }) => model),
    goals: goals.map((goal) => ({ ...goal, isMet: isMet(goal) })),
    ...figures,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(all, undefined, 2)}\n`);
}
