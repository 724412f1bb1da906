import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { SessionOptions } from 'nestjs-redis-session';
import type { SessionRecord } from '../../libs/session/src/core/record.js';
import type { SessionId } from '../../libs/session/src/core/token.js';
import type { StormRandom } from './storm-random.js';
import type { StormSite } from './storm-site.js';

/** What meets whom. Each round has a user of its own, so that all that went wrong is there at the end. */
export interface StormRace {
  readonly name: string;
  /** Of two instances that serve the requests in turn. */
  readonly options: readonly [Partial<SessionOptions>, Partial<SessionOptions>];
  readonly round: (site: StormSite, random: StormRandom, userId: string) => Promise<void>;
}

const LIMIT = 3;
const SIGN_INS_AT_ONCE = 64;
const SHORT_LIVED = { idleTimeoutSeconds: 2, absoluteTimeoutSeconds: 2, touchIntervalSeconds: 0 };
const SESSIONS_AT_ONCE = 100;
// Each session is touched around its deadline, one touch after the other, so that one is always under way.
const AROUND_DEADLINE_MS = 10;

export const STORM_RACES: readonly StormRace[] = [
  {
    name: 'sign-in against sign-out everywhere',
    options: [{}, {}],
    round: async (site, random, userId) => {
      const signIn = () => site.signIn(userId);
      await atOnce(random, [signIn, signIn, signIn, () => site.signOutEverywhere(userId)]);
    },
  },
  {
    name: 'renew against revoke',
    options: [{}, {}],
    round: async (site, random, userId) => {
      const record = await signedIn(site, userId);
      const renew = () => site.renew(record);
      const end = random.oneOf([
        () => site.signOut(record),
        () => site.revoke(record),
        () => site.signOutEverywhere(userId).then(() => true),
      ]);
      let hasEnded = false;
      const renewed: (SessionId | undefined)[] = [];
      await atOnce(random, [
        async () => renewed.push(await renew()),
        async () => renewed.push(await renew()),
        async () => (hasEnded = await end()),
      ]);
      if (hasEnded) site.ledger.ended(record.id, ...renewed.filter((id) => id !== undefined));
    },
  },
  {
    name: 'two renews of one token',
    options: [{}, {}],
    round: async (site, random, userId) => {
      const record = await signedIn(site, userId);
      site.ledger.limit(userId, 1);
      await atOnce(random, [() => site.renew(record), () => site.renew(record)]);
      site.ledger.ended(record.id);
    },
  },
  {
    name: `limit ${LIMIT} with ${SIGN_INS_AT_ONCE} parallel sign-ins`,
    // As while an application is being deployed whose answer to the limit has changed.
    options: [
      { maxSessionsPerUser: { limit: LIMIT, whenReached: 'evict-least-recently-used' } },
      { maxSessionsPerUser: { limit: LIMIT, whenReached: 'refuse' } },
    ],
    round: async (site, random, userId) => {
      site.ledger.limit(userId, LIMIT);
      const signIn = () => site.signIn(userId);
      await atOnce(
        random,
        Array.from({ length: SIGN_INS_AT_ONCE }, () => signIn),
      );
    },
  },
  {
    name: 'revoke against write',
    options: [{}, {}],
    round: async (site, random, userId) => {
      const record = await signedIn(site, userId);
      const write = () => site.write(record);
      const end = random.oneOf([() => site.signOut(record), () => site.revoke(record)]);
      await atOnce(random, [write, write, end]);
      site.ledger.ended(record.id);
    },
  },
  {
    name: 'expiry against touch',
    options: [SHORT_LIVED, SHORT_LIVED],
    round: async (site, _random, userId) => {
      const users = Array.from({ length: SESSIONS_AT_ONCE }, (_, i) => `${userId}-${i}`);
      await Promise.all(users.map((user) => outlive(site, user)));
    },
  },
];

/** Acts in a random order, some of them a turn or two of the event loop later than others. */
async function atOnce(
  random: StormRandom,
  acts: readonly (() => Promise<unknown>)[],
): Promise<void> {
  const staggered = random.shuffled(acts).map(async (act, place) => {
    for (let turns = place === 0 ? 0 : random.below(3); turns > 0; turns--) await turn();
    await act();
  });
  await Promise.all(staggered);
}

async function signedIn(site: StormSite, userId: string): Promise<SessionRecord> {
  const id = await site.signIn(userId);
  const record = id && (await site.recordOf(id));
  if (!record) throw new Error('A session was gone before its race began.');
  return record;
}

/** Touches a session from shortly before its deadline until shortly after it. */
async function outlive(site: StormSite, userId: string): Promise<void> {
  const id = await site.signIn(userId);
  const record = id && (await site.recordOf(id));
  // On a machine that is busy enough it may be over already.
  if (!record) return;
  await wait(record.deadlineAt - AROUND_DEADLINE_MS - Date.now());
  while (Date.now() < record.deadlineAt + AROUND_DEADLINE_MS) await site.touch(record);
  site.ledger.ended(record.id);
}
