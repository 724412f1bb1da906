import type { Lodging } from './ways/way.js';

/** Command line for `redis-server`: redis.conf, what the launcher decides, and the caller's settings above both. */
export function serverArguments(
  config: string,
  decided: Record<string, string>,
  lodging: Lodging,
): string[] {
  const settings = { ...decided, ...lodging.settings };
  const mode = lodging.sentinel === undefined ? [] : ['--sentinel'];
  return [
    config,
    ...mode,
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
  ];
}
