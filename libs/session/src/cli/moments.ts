const UNITS: readonly [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** In the time zone of whoever looks, with its distance from UTC: `2026-11-21T23:53:44+01:00`. */
export function localTime(moment: number): string {
  const ahead = -new Date(moment).getTimezoneOffset();
  const local = new Date(moment + ahead * 60_000).toISOString().slice(0, 19);
  const distance = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  const [hours, minutes] = distance.map((part) => String(part).padStart(2, '0'));
  return `${local}${ahead < 0 ? '-' : '+'}${hours}:${minutes}`;
}

/** How far that is from now: `3 min ago`, `in 2 h`. */
export function fromNow(moment: number, now: number): string {
  const distance = Math.abs(moment - now);
  const [name, ms] = UNITS.find((unit) => distance >= unit[1]) ?? ['', 0];
  if (ms === 0) return 'now';
  const text = `${Math.floor(distance / ms)} ${name}`;
  return moment < now ? `${text} ago` : `in ${text}`;
}
