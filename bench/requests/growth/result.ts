import type { CellResult } from '../measure-cell.js';

export type GrownCell = CellResult & { readonly sessions: number };

export interface GrowthResult {
  readonly server: string;
  readonly cells: readonly GrownCell[];
}
