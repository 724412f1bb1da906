/** A package of the Debian archive and, under its name, the program in it; its version is up to the suite. */
export interface DebianProgram {
  readonly suite: string;
  readonly package: string;
}

/** A server that sessions must live on. */
export interface MatrixServer {
  readonly name: string;
  /** How it has to name itself: a suite of Debian may move on to another version. */
  readonly title: RegExp;
  /** Where it is from; left out for the engine of the Python registry. */
  readonly debian?: DebianProgram;
  /** Whether the Search module of that engine is loaded into it. */
  readonly withSearch?: boolean;
}

/** The oldest that is supported, the newest, and what lies between; Redis and Valkey. */
export const SERVERS: readonly MatrixServer[] = [
  {
    name: 'redis-7.0',
    title: /^Redis 7\.0\./,
    debian: { suite: 'bookworm', package: 'redis-server' },
  },
  { name: 'redis-7.4', title: /^Redis 7\.4\./ },
  {
    name: 'redis-8.0',
    title: /^Redis 8\.0\./,
    debian: { suite: 'trixie', package: 'redis-server' },
    withSearch: true,
  },
  {
    name: 'valkey-8',
    title: /^Valkey 8\./,
    debian: { suite: 'trixie', package: 'valkey-server' },
  },
  {
    name: 'valkey-9',
    title: /^Valkey 9\./,
    debian: { suite: 'sid', package: 'valkey-server' },
  },
];
