/** What a session holds in every store: ten fields of equal length, a theme and a counter. */
export type Content = Readonly<Record<string, string | number>>;

const FIELDS = 10;

/** @param bytes of names and JSON texts in all, but for what ten does not divide. */
export function contentOf(bytes: number): Content {
  const names = Array.from({ length: FIELDS }, (_, i) => `field${i}`);
  const base = { theme: 'dark', views: 0, ...Object.fromEntries(names.map((name) => [name, ''])) };
  const length = Math.floor((bytes - bytesOf(base)) / FIELDS);
  return { ...base, ...Object.fromEntries(names.map((name) => [name, 'x'.repeat(length)])) };
}

/** Fields and their JSON texts, as the library keeps them. */
export function textsOf(content: Content): Map<string, string> {
  return new Map(Object.entries(content).map(([name, value]) => [name, JSON.stringify(value)]));
}

function bytesOf(content: Content): number {
  return [...textsOf(content)].flat().join('').length;
}
