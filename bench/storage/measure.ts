import type { Plan } from '../requests/options.js';
import type { Say } from '../requests/section.js';
import { BenchRedis } from '../support/bench-redis.js';
import { openConnectStore } from './connect-store.js';
import { openStore } from './library-store.js';
import { measureMemory, type Memory } from './memory.js';
import { planOf, type StoragePlan } from './plan.js';
import { measureSignOut, type SignOut } from './sign-out.js';
import { openSignOutSite } from './sign-out-site.js';
import { measureUserMemory, type UserMemory } from './user-memory.js';

export interface StorageResult {
  readonly server: string;
  readonly memory: readonly Memory[];
  readonly userMemory: readonly UserMemory[];
  /** How many sessions of others lie in Redis when somebody signs out. */
  readonly others: number;
  readonly signOuts: readonly SignOut[];
}

export async function measureStorage({ isQuick }: Plan, say: Say): Promise<StorageResult> {
  const plan = planOf(isQuick);
  return { ...(await measureSizes(plan, say)), ...(await measureSignOuts(plan, say)) };
}

async function measureSizes({ memory: plan, usersSessions }: StoragePlan, say: Say) {
  const server = await BenchRedis.start();
  try {
    const redis = server.connect();
    const library = await openStore(server.connect({ sendsAtOnce: true }));
    const connectStore = await openConnectStore(redis);
    const stores = { redis, repository: library.repository, connectStore };
    // What Redis keeps of the first scripts and connections is no session's.
    await measureMemory(stores, 'default', 300, 1000);
    const memory: Memory[] = [];
    for (const { settings, size, sessions } of plan) {
      say(`memory of sessions of ${size} bytes, ${settings} settings`);
      memory.push(await measureMemory(stores, settings, size, sessions));
    }
    const userMemory: UserMemory[] = [];
    for (const perUser of [1, 10]) {
      say(`memory of users with ${perUser}`);
      userMemory.push(await measureUserMemory(stores, perUser, usersSessions));
    }
    await connectStore.close();
    await library.close();
    return { server: server.description, memory, userMemory };
  } finally {
    await server.stop();
  }
}

async function measureSignOuts({ others, signOuts: plan, byHand }: StoragePlan, say: Say) {
  const site = await openSignOutSite();
  try {
    const signOuts: SignOut[] = [];
    for (const way of [site.library, site.storeAll]) {
      say('sessions of others');
      await site.fill(way, others);
      for (const step of way === site.library ? plan : [byHand]) {
        const title = `${way.name}: end ${step.sessions.toLocaleString('en')} sessions`;
        signOuts.push(await measureSignOut(site, way, step, (done) => say(title, done)));
      }
    }
    return { others, signOuts };
  } finally {
    await site.close();
  }
}
