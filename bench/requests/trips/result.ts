import type { Entrant } from '../contestants/roster.js';
import type { WorkName } from '../load/works.js';
import type { Trips } from './count-trips.js';

type TripsOfWorks = Readonly<Partial<Record<WorkName, Trips>>>;

export interface TripsResult {
  readonly server: string;
  readonly trips: Readonly<Partial<Record<Entrant, TripsOfWorks>>>;
}
