import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { SessionOutcome } from '../../../libs/session/src/core/outcome.js';
import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import type { SeededRandom } from '../seeded-random.js';
import { LIMIT, type StormSite } from './site.js';
import { visitSharedSession } from './visits.js';

/** Requests that meet. Each turn has a user of its own, so that all that went wrong is still there at the end. */
type Race = (site: StormSite, random: SeededRandom, userId: string) => Promise<void>;

const SIGN_INS_AT_ONCE = 32;
const EXPIRING_AT_ONCE = 20;
const AROUND_DEADLINE_MS = 10;

const signInMeetsSignOutEverywhere: Race = async (site, random, userId) => {
  const signedOut = deferred();
  const signIn = () => site.signIn(userId);
  const slowSignIn = () =>
    site.request(undefined, async (session) => {
      session.signIn(userId);
      await signedOut.promise;
    });
  const end = () => site.signOutEverywhere(userId).finally(signedOut.resolve);
  await atOnce(random, [signIn, signIn, slowSignIn, end]);
};

/** The sign-out everywhere misses a session that the user's set has lost, unless a touch comes first. Its next touch must end it. */
const touchMeetsSignOutEverywhere: Race = async (site, random, userId) => {
  const record = await signedIn(site, userId);
  await site.loseUserSet(userId);
  const touch = () => site.touch(record);
  const touches = Array<typeof touch>(random.below(3)).fill(touch);
  await atOnce(random, [...touches, () => site.signOutEverywhere(userId)]);
  await touch();
};

const renewalMeetsEnd: Race = async (site, random, userId) => {
  const record = await signedIn(site, userId);
  const end = random.oneOf([
    async () => (await signOut(site, record))?.kind === 'destroyed',
    () => site.revoke(record),
    () => site.signOutEverywhere(userId).then(() => true),
  ]);
  let hasEnded = false;
  const renewals: (SessionOutcome | undefined)[] = [];
  const renewal = async () => renewals.push(await renew(site, record));
  await atOnce(random, [renewal, renewal, async () => (hasEnded = await end())]);
  for (const renewed of renewals) {
    if (hasEnded && renewed?.kind === 'renewed') site.ledger.ended(renewed.next.id);
  }
  if (hasEnded) site.ledger.ended(record.id);
};

const twoRenewals: Race = async (site, random, userId) => {
  const record = await signedIn(site, userId);
  site.ledger.limit(userId, 1);
  await atOnce(random, [() => renew(site, record), () => renew(site, record)]);
};

const signInsReachLimit: Race = async (site, random, userId) => {
  site.ledger.limit(userId, LIMIT);
  const signIn = () => site.signIn(userId, 'limited');
  await atOnce(random, Array<typeof signIn>(SIGN_INS_AT_ONCE).fill(signIn));
};

const writeMeetsEnd: Race = async (site, random, userId) => {
  const record = await signedIn(site, userId);
  const write = () =>
    site.request(record, (session) => {
      session.set('note', 'Gift wrap, please!');
      session.increment('views');
    });
  const end = random.oneOf([() => signOut(site, record), () => site.revoke(record)]);
  await atOnce(random, [write, write, end]);
  site.ledger.ended(record.id);
};

/** Nothing meets it: what it writes must be there at the end, also in the document. */
const writeStays: Race = async (site, _random, userId) => {
  const record = await signedIn(site, userId);
  await site.request(record, (session) => session.set('note', 'Gift wrap, please!'));
};

/** Touches sessions from shortly before their deadline until shortly after it. */
const touchMeetsExpiry: Race = async (site, _random, userId) => {
  const outlive = async (_: unknown, i: number): Promise<void> => {
    const id = await site.signIn(`${userId}-${i}`, 'shortLived');
    const record = id && (await site.read(id));
    // On a busy machine it may be over already.
    if (!record) return;
    await wait(record.deadlineAt - AROUND_DEADLINE_MS - Date.now());
    while (Date.now() < record.deadlineAt + AROUND_DEADLINE_MS) {
      await site.touch(record, 'shortLived');
    }
    site.ledger.ended(record.id);
  };
  await Promise.all(Array.from({ length: EXPIRING_AT_ONCE }, outlive));
};

const SHARES: readonly (readonly [share: number, race: Race])[] = [
  [4, signInMeetsSignOutEverywhere],
  [3, touchMeetsSignOutEverywhere],
  [4, renewalMeetsEnd],
  [4, twoRenewals],
  [4, writeMeetsEnd],
  [1, writeStays],
  [13, visitSharedSession],
  [1, signInsReachLimit],
  [1, touchMeetsExpiry],
];

/** The races, as often as their share; turn after turn goes through this list. */
export const RACES = SHARES.flatMap(([share, race]) => Array<Race>(share).fill(race));

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Acts in a random order, some of them a turn or two of the event loop later than others. */
async function atOnce(
  random: SeededRandom,
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
  const record = id && (await site.read(id));
  if (!record) throw new Error('A session was gone before its race began.');
  return record;
}

function renew(site: StormSite, record: SessionRecord): Promise<SessionOutcome | undefined> {
  return site.request(record, (session) => session.renew());
}

function signOut(site: StormSite, record: SessionRecord): Promise<SessionOutcome | undefined> {
  return site.request(record, (session) => session.destroy());
}
