import { type BenchSession, DEVICE } from './population.js';
import { LIFETIME, TOUCH_INTERVAL_SECONDS } from './declaration.js';

/** When a session began and was signed in to, in epoch milliseconds. */
export interface Moments {
  readonly createdAt: number;
  readonly signedInAt: number;
}

/** What only the library knows of its layout: learned from a session that it has written. */
export interface IndexNames {
  readonly version: string;
  /** Of a field of the index, the field of the index document. */
  readonly documentField: ReadonlyMap<string, string>;
}

export const TTL_MS = (LIFETIME.idleSeconds + TOUCH_INTERVAL_SECONDS) * 1000;
export const USER_SET_TTL_MS = LIFETIME.absoluteSeconds * 1000;
const TAG_SEPARATOR = '\u001f';

export function sessionKey({ shard, id }: BenchSession): string {
  return `session:{${shard}}:${id}`;
}

export function documentKey({ shard, id }: BenchSession): string {
  return `session-index:{${shard}}:${id}`;
}

export function userKey({ shard, userId }: BenchSession): string {
  return `session-user:{${shard}}:${userId}`;
}

/** The hash of a session where no index is declared: fields and texts, in turn. */
export function sessionHash(session: BenchSession, { createdAt, signedInAt }: Moments): string[] {
  const { id, userId, fields } = session;
  const deadline = createdAt + LIFETIME.absoluteSeconds * 1000;
  const own = { '~id': id.slice(0, 8), '~v': 1, '~created': createdAt, '~seen': createdAt };
  const lifetime = { '~idle': LIFETIME.idleSeconds, '~until': deadline };
  const owner = { '~user': userId, '~auth': signedInAt, '~ip': DEVICE.address };
  const user = userId === undefined ? {} : { ...owner, '~agent': DEVICE.agent };
  return [...Object.entries({ ...own, ...lifetime, ...user }), ...fields].flat().map(String);
}

/** The index document, likewise. */
export function documentHash(
  session: BenchSession,
  { createdAt, signedInAt }: Moments,
  { version, documentField }: IndexNames,
): string[] {
  const { userId, fields, cart } = session;
  const declared: Record<string, string> = {
    plan: JSON.parse(fields.get('plan')!) as string,
    tenant: JSON.parse(fields.get('tenant')!) as string,
    products: [...new Set(cart.map(({ sku }) => sku))].join(TAG_SEPARATOR),
    total: String(cart.reduce((sum, { quantity }) => sum + quantity, 0)),
    views: fields.get('views')!,
  };
  const named = Object.entries(declared).map(([name, text]) => [documentField.get(name)!, text]);
  const owner = userId === undefined ? {} : { userId, ip: DEVICE.address };
  const signedIn = userId === undefined ? {} : { signedInAt: String(signedInAt) };
  const begin = { indexedFor: version, createdAt: String(createdAt), ...owner };
  return [...Object.entries(begin), ...named, ...Object.entries(signedIn)].flat();
}
