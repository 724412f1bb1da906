import { createInterface } from 'node:readline/promises';
import type { Terminal } from './terminal.js';

/** Asks somebody. @returns `undefined` where there is nobody to ask. */
export async function confirm(terminal: Terminal, question: string): Promise<boolean | undefined> {
  const { dialogue } = terminal;
  if (!dialogue) return undefined;
  const lines = createInterface(dialogue);
  try {
    // Ctrl-C and Ctrl-D close it, and no answer would ever come.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
