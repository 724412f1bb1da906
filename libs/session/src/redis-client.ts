/**
 * The few methods that this library calls on a Redis client. `Redis` and `Cluster` of ioredis 5 and 6 have them.
 *
 * An interface of our own, because two installed copies of ioredis are two unrelated types to the compiler.
 */
export interface RedisClient {
  /** `'ready'` when commands can be sent at once. */
  readonly status: string;
  /** Reads a session: every field of a hash by its name. */
  hgetall(key: string): Promise<Record<string, string>>;
  /** How long a key has to live, in milliseconds; negative where it is not there, or stays for ever. */
  pttl(key: string): Promise<number>;
  /** What the server's clock says: seconds since 1970, and microseconds of the current second. */
  time(): Promise<(string | number)[]>;
  /** `'PONG'`. */
  ping(): Promise<string>;
  /** Runs a script by its digest; rejects with `NOSCRIPT` where the server does not have it. */
  evalsha(sha: string, numberOfKeys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  /** Sends any command by its name. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** Runs a script by its text, after which the server has it. */
  eval(script: string, numberOfKeys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;

  /** A Cluster has these: its servers. */
  nodes?(role: 'master'): RedisClient[];
  /** A Cluster has it: asks its servers who has which slots, one question at a time. */
  refreshSlotsCache?(): void;
  /** The servers of each slot of a Cluster, as `host:port`, the primary first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** What is asked of the client's options, and never changed. */
  readonly options?: {
    /** The number of the database. Sessions may be in any, Search sees those in `0`. */
    readonly db?: number | undefined;
    /** What the client puts in front of keys by itself; Search cannot be used then. */
    readonly keyPrefix?: string | undefined;
    /** Where a server of a Cluster is. */
    readonly host?: string | undefined;
    /** The port that it listens on. */
    readonly port?: number | undefined;
    /** The socket that is used in the place of a host. */
    readonly path?: string | null | undefined;
    /** Who is asked where the server is. */
    readonly sentinels?: readonly object[] | null | undefined;
  };
}
