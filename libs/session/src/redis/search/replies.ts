/**
 * Reads what Redis Search answers. Its commands have three shapes: flat lists (RESP2), maps as flat lists (ioredis 6
 * by default) and objects or maps (ioredis 6, `replyMapping: 'resp3'`). A client that was handed in may give any.
 */

interface Rows {
  readonly total: number;
  readonly rows: readonly unknown[];
  /** Whether a row is what was found, and not a map that has it under a name: a field may have that name, too. */
  readonly isFlat: boolean;
  readonly warnings: readonly string[];
}

/** Of `FT.SEARCH … NOCONTENT`. */
export function readHits(reply: unknown): {
  total: number;
  keys: string[];
  warnings: readonly string[];
} {
  const { total, rows, warnings } = readRows(reply);
  const keys = rows.map((row) => (typeof row === 'string' ? row : String(valueIn(row, 'id'))));
  return { total, keys, warnings };
}

/** Of `FT.AGGREGATE`. */
export function readRecords(reply: unknown): {
  /** For {@link valueIn}. */
  records: unknown[];
  warnings: readonly string[];
} {
  const { rows, isFlat, warnings } = readRows(reply);
  const recordOf = (row: unknown) => (isFlat ? row : valueIn(row, 'extra_attributes'));
  return { records: rows.map(recordOf), warnings };
}

/** One value of names and values. There are thousands of them in an answer, so no map is made of each. */
export function valueIn(reply: unknown, name: string): unknown {
  if (reply instanceof Map) return reply.get(name);
  if (!Array.isArray(reply)) return (reply as Record<string, unknown> | null)?.[name];
  for (let i = 0; i + 1 < reply.length; i += 2) if (reply[i] === name) return reply[i + 1];
  return undefined;
}

/** Of `FT.AGGREGATE … WITHCURSOR` and `FT.CURSOR READ`. The cursor `0` says that this was all. */
export function readCursor(reply: unknown): { page: unknown; cursor: number } {
  const [page, cursor] = reply as [unknown, number | string];
  return { page, cursor: Number(cursor) };
}

/** Names and values: an object, a map, or a list of them in turn. */
export function readMap(reply: unknown): ReadonlyMap<string, unknown> {
  if (reply instanceof Map) return reply as Map<string, unknown>;
  if (!Array.isArray(reply)) return new Map(Object.entries((reply ?? {}) as object));
  const map = new Map<string, unknown>();
  for (let i = 0; i + 1 < reply.length; i += 2) map.set(String(reply[i]), reply[i + 1]);
  return map;
}

function readRows(reply: unknown): Rows {
  // A flat list begins with the number of hits, a map never does.
  if (Array.isArray(reply) && typeof reply[0] === 'number') {
    return { total: reply[0], rows: reply.slice(1), isFlat: true, warnings: [] };
  }
  const map = readMap(reply);
  return {
    total: Number(map.get('total_results')),
    rows: map.get('results') as unknown[],
    isFlat: false,
    warnings: (map.get('warning') ?? []) as string[],
  };
}
