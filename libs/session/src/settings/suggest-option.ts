import type { Names } from './known-options.js';

/**
 * Names that people know from other libraries, in small letters, with the options that do the same here. The first one
 * that the options at hand have is suggested.
 */
const KNOWN_ELSEWHERE = lookup<readonly string[]>({
  absolutelifetime: ['absoluteTimeoutSeconds'],
  absolutetimeout: ['absoluteTimeoutSeconds'],
  adopt: ['adoptFrom'],
  client: ['redis'],
  connection: ['redis'],
  cookiename: ['cookie.name'],
  disabletouch: ['touchIntervalSeconds'],
  expires: ['absoluteTimeoutSeconds', 'ttlSeconds'],
  expiration: ['absoluteTimeoutSeconds', 'ttlSeconds'],
  getuserid: ['userId'],
  host: ['redis'],
  idle: ['idleTimeoutSeconds', 'ttlSeconds'],
  key: ['cookie.name'],
  maxage: ['absoluteTimeoutSeconds', 'ttlSeconds'],
  maxdevices: ['maxSessionsPerUser'],
  maxsessions: ['maxSessionsPerUser'],
  max: ['maxSessionsPerUser.limit'],
  name: ['cookie.name'],
  namespace: ['keyPrefix'],
  origin: ['allowedOrigins'],
  origins: ['allowedOrigins'],
  password: ['redis'],
  port: ['redis'],
  prefix: ['keyPrefix'],
  regenerateinterval: ['renewIntervalSeconds'],
  rememberme: ['remember'],
  rotationinterval: ['renewIntervalSeconds'],
  sentinels: ['redis'],
  sessionname: ['cookie.name'],
  store: ['redis'],
  strategy: ['maxSessionsPerUser.whenReached'],
  timeout: ['idleTimeoutSeconds', 'storeTimeoutMs'],
  touchafter: ['touchIntervalSeconds'],
  transport: ['token'],
  ttl: ['idleTimeoutSeconds', 'ttlSeconds'],
  uri: ['redis'],
  url: ['redis'],
});

/** Names that have no counterpart here, in small letters, with the reason. */
const NOT_NEEDED = lookup({
  genid: 'Remove it: tokens are always 240 random bits.',
  httponly: 'Remove it: the cookie is always HttpOnly.',
  isglobal: 'It is no option of a session: write it next to useFactory, useClass or useExisting.',
  overwrite: 'Remove it: the cookie is set only when a session begins, is renewed or ends.',
  partitioned: 'Remove it: partitioned cookies are not supported.',
  priority: 'Remove it: browsers other than Chrome ignore it.',
  proxy: 'Remove it: cookie.secure decides alone; set trust proxy in the HTTP server.',
  resave: 'Remove it: only fields that changed are written.',
  rolling: 'Remove it: the idle timeout starts anew with each request (touchIntervalSeconds).',
  saveuninitialized: 'Remove it: a session is created when something is written to it.',
  salt: 'Remove it: the cookie holds a random token, and nothing is signed.',
  secret: 'Remove it: the cookie holds a random token, and nothing is signed.',
  serializer: 'Remove it: fields are stored as JSON.',
  signed: 'Remove it: the cookie holds a random token, and nothing is signed.',
  unset: 'Remove it: call session.destroy() to end a session.',
});

/** A different unit at the end, or none. */
const UNIT =
  /(?:in)?(?:seconds?|secs?|sec|ms|millis(?:econds)?|minutes?|mins?|hours?|days?|bytes?)$/;

/**
 * @param path the unknown option, with what it is nested in.
 * @param all the names of the whole object of options.
 * @param siblings the names where the unknown one was written.
 * @param place what is in front of these.
 * @returns a sentence: an option with a similar name or with the same meaning, the reason why there is none, or all names.
 */
export function suggestionFor(path: string, all: Names, siblings: Names, place: string): string {
  const name = plain(path.slice(path.lastIndexOf('.') + 1));
  const near = Object.keys(siblings).map((sibling) => place + sibling);
  const paths = [...near, ...pathsOf(all, '').filter((known) => !near.includes(known))];
  const elsewhere = KNOWN_ELSEWHERE.get(name)?.find((known) => paths.includes(known));
  const unneeded = NOT_NEEDED.get(name);
  const [same, similar] = [mostSimilar(name, near, 0), mostSimilar(name, near)];
  const found = same ?? elsewhere ?? similar ?? (unneeded ? undefined : mostSimilar(name, paths));
  if (found !== undefined) return `Did you mean "${found}"?`;
  return unneeded ?? `The options are: ${near.join(', ')}.`;
}

/** Unlike an object it does not know `constructor`. */
function lookup<Value>(entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(entries));
}

function pathsOf(names: Names, place: string): string[] {
  return Object.entries(names).flatMap(([name, taken]) => [
    place + name,
    ...(typeof taken === 'object' ? pathsOf(taken, `${place}${name}.`) : []),
  ]);
}

function mostSimilar(
  name: string,
  paths: readonly string[],
  mostDistance = Infinity,
): string | undefined {
  const [best] = paths
    .map((path) => ({ path, distance: distanceTo(name, path) }))
    .filter(({ distance }) => distance !== undefined && distance <= mostDistance)
    .toSorted((a, b) => a.distance! - b.distance!);
  return best?.path;
}

/** `undefined` where the names have too little in common. */
function distanceTo(name: string, path: string): number | undefined {
  const known = plain(path.slice(path.lastIndexOf('.') + 1));
  const [given, wanted] = [name.replace(UNIT, ''), known.replace(UNIT, '')];
  if (given === wanted && given !== '') return 0;
  const [short, long] = given.length < wanted.length ? [given, wanted] : [wanted, given];
  if (short.length >= 4 && (long.startsWith(short) || long.endsWith(short))) return 1;
  const distance = editDistance(name, known);
  return distance <= Math.floor(Math.min(name.length, known.length) / 3) ? distance : undefined;
}

/** Without regard to case and separators: `Idle_Timeout` and `idle-timeout` are one name. */
function plain(name: string): string {
  return name
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/** Damerau-Levenshtein: letters that were left out, added, changed or swapped. */
export function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const [row, above, twoAbove] = [[i], rows[i - 1]!, rows[i - 2]];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const changed = above[j - 1]! + (isSame ? 0 : 1);
      const isSwap = twoAbove && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? twoAbove[j - 2]! + 1 : Infinity;
      row[j] = Math.min(changed, swapped, above[j]! + 1, row[j - 1]! + 1);
    }
    rows[i] = row;
  }
  return rows[a.length]![b.length]!;
}
