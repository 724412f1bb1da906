import type { Redis } from 'ioredis';
import type { FaultSiteSettings } from '../app/fault-site.settings.js';
import { withSeed } from '../../support/scale.js';
import type { Crowd } from './crowd.js';
import { FaultSite } from './fault-site.js';
import type { WrongKind } from './ledger.js';
import { Probes } from './probes.js';

/** What no fault may ever do, not even one that Redis answers by losing what it had acknowledged. */
export const NEVER: readonly WrongKind[] = ['foreign', 'double', 'cookie', 'error'];

/** Several servers that belong together, and a site on them. */
export interface SiteOn<Servers> {
  readonly servers: Servers;
  readonly site: FaultSite;
  /** Lets a crowd and probes work while something happens. */
  during(
    seed: number,
    act: (crowd: Crowd, probes: Probes) => Promise<unknown>,
    users?: readonly string[],
  ): Promise<readonly [Crowd, Probes]>;
  /** Once all is well again. @param nodes those that hold keys by now. @param kinds what counts; all when left out. */
  wrongs(
    crowds: readonly Crowd[],
    nodes: readonly Redis[],
    kinds?: readonly WrongKind[],
  ): Promise<string[]>;
}

/** Starts them before the scenarios of a group, and ends them after those. */
export function useSiteOn<Servers extends { stop(): Promise<void> }>(
  start: () => Promise<Servers>,
  redis: (servers: Servers) => FaultSiteSettings['redis'],
  session: FaultSiteSettings['session'] = {},
  durable?: FaultSiteSettings['durable'],
): SiteOn<Servers> {
  const on = {} as { -readonly [K in keyof SiteOn<Servers>]: SiteOn<Servers>[K] };
  beforeAll(async () => {
    on.servers = await start();
    on.site = await FaultSite.open({ redis: redis(on.servers), session, durable });
  }, 60_000);
  afterAll(async () => {
    await on.site?.close();
    await on.servers?.stop();
  });
  on.during = async (seed, act, users = ['probe-1', 'probe-2']) => {
    const crowd = on.site.crowd({ seed });
    const probes = new Probes(on.site.urls, users);
    await probes.start();
    await crowd.during(() => act(crowd, probes).finally(() => probes.stop()));
    return [crowd, probes];
  };
  on.wrongs = async (crowds, nodes, kinds) => {
    for (const crowd of crowds) await crowd.reckon();
    const counting = crowds.flatMap(({ ledger }) =>
      ledger.wrongs.filter(({ kind }) => kinds?.includes(kind) ?? true),
    );
    return withSeed([...counting.map(({ what }) => what), ...(await on.site.faults(nodes))]);
  };
  return on;
}
