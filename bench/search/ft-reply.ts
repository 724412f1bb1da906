/** What FT.SEARCH and FT.AGGREGATE answer over ioredis 6 as it is: maps, as lists of names and values in turn. */
export interface FtReply {
  readonly total: number;
  readonly rows: readonly unknown[][];
}

export function ftReply(reply: unknown): FtReply {
  const list = reply as unknown[];
  return {
    total: Number(valueOf(list, 'total_results')),
    rows: valueOf(list, 'results') as unknown[][],
  };
}

/** @param list names and values, in turn. */
export function valueOf(list: readonly unknown[], name: string): unknown {
  for (let i = 0; i < list.length; i += 2) if (list[i] === name) return list[i + 1];
  throw new Error(`A reply of Search has no "${name}".`);
}
