import { seed } from '../../support/scale.js';

interface Figure {
  readonly fault: string;
  readonly what: string;
  readonly value: string;
  readonly goal: string;
}

/** Collects what the scenarios of a file measured, and prints it when they are over. */
export function useFigures(): (fault: string, what: string, value: unknown, goal?: string) => void {
  const figures: Figure[] = [];
  afterAll(() => {
    if (figures.length > 0) process.stdout.write(`\nTEST_SEED=${seed}\n${tableOf(figures)}\n`);
  });
  return (fault, what, value, goal = '') => {
    figures.push({ fault, what, value: String(value), goal });
  };
}

/** What is measured in milliseconds needs no fraction. */
export function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function tableOf(figures: readonly Figure[]): string {
  const rows = [['fault', 'what', 'measured', 'goal'], ...figures.map((row) => Object.values(row))];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
