/**
 * The few methods that this library calls on a Redis client. `Redis` and `Cluster` of ioredis 5 and 6 have them.
 *
 * An interface of our own, because two installed copies of ioredis are two unrelated types to the compiler.
 */
export interface RedisClient {
  /** `'ready'` when commands can be sent at once. */
  readonly status: string;
  hgetall(key: string): Promise<Record<string, string>>;
  pttl(key: string): Promise<number>;
  time(): Promise<(string | number)[]>;
  ping(): Promise<string>;
  evalsha(sha: string, numberOfKeys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;

  /** A Cluster has these: its servers. */
  nodes?(role: 'master'): RedisClient[];
  /** What is asked of the client's options, and never changed. */
  readonly options?: {
    readonly db?: number | undefined;
    readonly keyPrefix?: string | undefined;
  };
}
