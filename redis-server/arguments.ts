import type { Lodging } from './ways/way.js';

/** Command line for `redis-server`: redis.conf, what the launcher decides, and the caller's settings above both. */
export function serverArguments(
  config: string,
  decided: Record<string, string>,
  lodging: Lodging,
): string[] {
  const settings = { ...decided, ...lodging.settings };
  return [config, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])];
}
