import type { Profiler } from 'node:inspector/promises';
import { ownerOf } from './owners.js';

/** Microseconds of each owner for one request. */
export type TimeOfOwners = Readonly<Record<string, number>>;

export function timeOfOwners(profile: Profiler.Profile, requests: number): TimeOfOwners {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const owners = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [id, ownerOf(functionName, url)]),
  );
  const times: Record<string, number> = {};
  for (const [i, node] of samples.entries()) {
    const owner = owners.get(node);
    if (owner !== undefined) times[owner] = (times[owner] ?? 0) + timeDeltas[i]! / requests;
  }
  return times;
}
