import type { Redis } from 'ioredis';

export type SettingsName = 'default' | 'recommended';

/** Up to how many bytes a field may have in a compact hash: as Redis comes, and as docs/operating.md recommends. */
const SETTINGS: Record<SettingsName, Record<string, number>> = {
  default: { 'hash-max-listpack-value': 64 },
  recommended: { 'hash-max-listpack-value': 512 },
};

export async function apply(redis: Redis, name: SettingsName): Promise<void> {
  for (const [setting, value] of Object.entries(SETTINGS[name])) {
    await redis.config('SET', setting, value);
  }
}
