/** Which server this is. Valkey goes by `redis_version:7.2.4` besides, for programs that know of Redis only. */
export interface Engine {
  readonly name: 'Redis' | 'Valkey';
  readonly version: string;
  /** The first two parts of the version, such as `7.4`: what gets releases of its own. */
  readonly line: string;
  readonly patch: number;
}

export function engineOf(info: ReadonlyMap<string, string>): Engine {
  const valkey = info.get('valkey_version');
  const version = valkey ?? info.get('redis_version') ?? '';
  const [major = '0', minor = '0', patch = '0'] = version.split('.');
  return {
    name: valkey === undefined ? 'Redis' : 'Valkey',
    version,
    line: `${major}.${minor}`,
    patch: Number.parseInt(patch, 10),
  };
}

/** Whether one line came before another: `7.2` before `7.4`, `8.8` before `8.10`. */
export function isBefore(line: string, other: string): boolean {
  const [major = 0, minor = 0] = line.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
