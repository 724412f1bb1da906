/**
 * Whether a server answers `WAITAOF` before the disk has the write. Redis 7.4.0 to 7.4.2 do (redis/redis pull request
 * 13793). Valkey took that over with version 8 (measured on 8.1.1), and no release is known that has it repaired.
 *
 * @param product `Redis`, or what else it says it is.
 */
export function answersWaitaofEarly(product: string, version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return product === 'Redis' ? major === 7 && minor === 4 && patch < 3 : major >= 8;
}
