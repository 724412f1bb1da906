import { NOTES, PRODUCTS, TENANTS } from './index-declaration.js';

type Fields = ReadonlyMap<string, string>;

/** The names of the declared fields in a document; all others are built in. */
const DECLARED = /^(tenant|products|total|mood|count|round|note)~[0-9a-f]{4}$/;

/** The document that belongs to a session's hash, by the names of the declaration. */
export function expectedDocument(session: Fields, version: string): Record<string, string> {
  const read = (field: string): unknown => JSON.parse(session.get(field) ?? 'null');
  const tenant = read('tenant') as string | null;
  const lines = read('lines') as { sku: string; quantity: number }[] | null;
  const views = read('views') as number | null;
  const note = read('note') as string | null;
  const count = session.get('count');
  const skus = [...new Set(lines?.map(({ sku }) => PRODUCTS[sku]!))];
  const fields: Record<string, string | undefined> = {
    indexedFor: version,
    createdAt: session.get('~created'),
    signedInAt: session.get('~auth'),
    userId: session.get('~user'),
    ip: session.get('~ip'),
    tenant: tenant === null ? undefined : TENANTS[tenant],
    products: skus.length === 0 ? undefined : skus.join('\u001f'),
    total: lines === null ? undefined : String(lines.reduce((sum, line) => sum + line.quantity, 0)),
    mood: views === null ? undefined : views > 9 ? 'busy' : 'calm',
    count,
    round: count,
    note: note === null ? undefined : NOTES[note],
  };
  const present = Object.entries(fields).filter(([, text]) => text !== undefined);
  return Object.fromEntries(present) as Record<string, string>;
}

/** A document by the names of the declaration; what is not in the declaration keeps the name that it has. */
export function namedDocument(document: Fields): Record<string, string> {
  const named = [...document].map(([name, text]) => [DECLARED.exec(name)?.[1] ?? name, text]);
  return Object.fromEntries(named) as Record<string, string>;
}

/** The difference in one line, or nothing. */
export function differenceOf(
  actual: Record<string, string>,
  expected: Record<string, string>,
): string | undefined {
  const names = [...new Set([...Object.keys(actual), ...Object.keys(expected)])].toSorted();
  const wrong = names
    .filter((name) => actual[name] !== expected[name])
    .map((name) => `${name}: ${spelled(actual[name])} instead of ${spelled(expected[name])}`);
  return wrong.length === 0 ? undefined : wrong.join(', ');
}

function spelled(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text);
}
