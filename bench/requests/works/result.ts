import type { CellResult } from '../measure-cell.js';

export interface WorksResult {
  readonly server: string;
  readonly cells: readonly CellResult[];
}
