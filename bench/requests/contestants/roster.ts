export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** Each has a file of its name beside this one, which only its own process loads. */
export const CONTESTANTS = {
  none: { title: 'no session', platforms: PLATFORMS },
  bare: { title: 'bare ioredis', platforms: PLATFORMS },
  ours: { title: 'nestjs-redis-session', platforms: PLATFORMS },
  'express-session': { title: 'express-session + connect-redis', platforms: ['express'] },
  'fastify-session': { title: '@fastify/session + connect-redis', platforms: ['fastify'] },
  'mgcrea-session': { title: '@mgcrea/fastify-session + its store', platforms: ['fastify'] },
} as const satisfies Record<string, { title: string; platforms: readonly Platform[] }>;

export type ContestantName = keyof typeof CONTESTANTS;

/** A contestant on a platform: what figures are about. */
export type Entrant = `${Platform}/${ContestantName}`;

export const ENTRANTS: readonly Entrant[] = PLATFORMS.flatMap((platform) =>
  Object.entries(CONTESTANTS)
    .filter(([, { platforms }]) => (platforms as readonly Platform[]).includes(platform))
    .map(([name]): Entrant => `${platform}/${name as ContestantName}`),
);

export function partsOf(entrant: Entrant): { platform: Platform; name: ContestantName } {
  const [platform, name] = entrant.split('/') as [Platform, ContestantName];
  return { platform, name };
}

export function titleOf(entrant: Entrant): string {
  const { platform, name } = partsOf(entrant);
  return `${platform === 'express' ? 'Express' : 'Fastify'}: ${CONTESTANTS[name].title}`;
}
