import type { Entrant } from '../contestants/roster.js';
import type { WorkName } from '../load/works.js';
import type { TimeOfOwners } from './time-of-owners.js';

export interface ProfileResult {
  readonly server: string;
  readonly works: Readonly<
    Partial<Record<WorkName, Readonly<Partial<Record<Entrant, TimeOfOwners>>>>>
  >;
}
