const meetings = new Map<string, { missing: number; all: () => void; met: Promise<void> }>();

/** From now on so many have to come before the first goes on. */
export function expectAt(place: string, count: number): void {
  let all = () => undefined as void;
  const met = new Promise<void>((resolve) => (all = resolve));
  meetings.set(place, { missing: count, all, met });
}

/** Waits for the others; whoever comes again later does not. */
export async function meetAt(place: string): Promise<void> {
  const meeting = meetings.get(place);
  if (!meeting) return;
  if (--meeting.missing === 0) meeting.all();
  await meeting.met;
}
