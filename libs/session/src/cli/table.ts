import { printable } from './printable.js';

/** Takes two columns of a terminal: Chinese, Japanese, Korean, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
const NO_WIDTH = /\p{M}/u;

/** Lines of aligned cells. @param width of a terminal: longer lines are cut, and end with `…`. */
export function table(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  const lineOf = (row: readonly string[]) =>
    row.map((cell, i) => cell + ' '.repeat(widths[i]! - widthOf(cell))).join('  ');
  return cells.map((row) => cut(lineOf(row).trimEnd(), width));
}

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + columnsOf(character), 0);
}

function columnsOf(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let kept = '';
  let columns = 1;
  for (const character of line) {
    columns += columnsOf(character);
    if (columns > width) break;
    kept += character;
  }
  return `${kept}…`;
}
