import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import type { Session } from '../../../libs/session/src/core/session.js';
import type { SeededRandom } from '../seeded-random.js';
import { NOTES, PRODUCTS, TENANTS } from './index-declaration.js';
import type { Kind, StormSite } from './site.js';

const USERS = 12;
const MOST_SESSIONS = 200;
/** Half of the visits go to so many sessions. */
const BUSY_SESSIONS = 20;
const KINDS: readonly Kind[] = ['usual', 'usual', 'shortLived'];

type Write = (session: Session, random: SeededRandom) => void;

const shop: Write = (session, random) => {
  session.set('tenant', random.oneOf(Object.keys(TENANTS)));
  session.set('lines', linesOf(random));
};

/** What a request writes; what is here twice is twice as likely. */
const WRITES: readonly Write[] = [
  shop,
  shop,
  (session) => session.increment('views'),
  (session) => session.increment('views', 3),
  (session) => session.increment('count'),
  (session, random) => session.set('count', random.below(100)),
  (session, random) => session.update('lines', (lines = []) => [...lines, ...linesOf(random)]),
  (session) => session.update('lines', (lines = []) => lines.slice(1)),
  (session, random) => session.set('note', random.oneOf(Object.keys(NOTES))),
  (session, random) => session.delete(random.oneOf(['tenant', 'lines', 'views', 'count', 'note'])),
  (session, random) => session.set('views', random.below(20)),
];

/** Three requests that meet at a session that others may use, too; or a new session for the others to use. */
export async function visitSharedSession(site: StormSite, random: SeededRandom): Promise<void> {
  const record = await anyShared(site, random);
  if (!record || (site.shared.length < MOST_SESSIONS && random.below(100) < 30)) {
    return begin(site, random);
  }
  await Promise.all([1, 2, 3].map(() => visit(record, site, random)));
}

async function visit(record: SessionRecord, site: StormSite, random: SeededRandom): Promise<void> {
  const dice = random.below(100);
  if (dice < 2) await site.revoke(record);
  else if (dice < 3) await site.signOutEverywhere(userOf(random));
  else if (dice < 16) await site.touch(record, random.oneOf(KINDS));
  else await request(record, site, random);
}

async function request(
  record: SessionRecord,
  site: StormSite,
  random: SeededRandom,
): Promise<void> {
  const dice = random.below(100);
  const act = (session: Session): void => {
    if (dice < 5) return session.destroy();
    if (dice < 90) random.oneOf(WRITES)(session, random);
    if (dice >= 76 && dice < 93) session.renew();
    if (dice >= 93) session.signIn(record.userId ?? userOf(random));
    if (dice >= 97) shop(session, random);
  };
  const outcome = await site.request(record, act, random.oneOf(KINDS));
  if (outcome?.kind === 'renewed') site.shared.push(outcome.next.id);
}

async function begin(site: StormSite, random: SeededRandom): Promise<void> {
  const isGuest = random.below(2) === 0;
  const act = (session: Session): void => {
    shop(session, random);
    if (!isGuest) session.signIn(userOf(random));
  };
  const outcome = await site.request(undefined, act, random.oneOf(KINDS));
  if (outcome?.kind === 'created') site.shared.push(outcome.next.id);
}

async function anyShared(
  site: StormSite,
  random: SeededRandom,
): Promise<SessionRecord | undefined> {
  const { shared } = site;
  if (shared.length === 0) return undefined;
  const isBusy = random.below(2) === 0;
  const place = random.below(isBusy ? Math.min(BUSY_SESSIONS, shared.length) : shared.length);
  const id = shared[place]!;
  const record = await site.read(id);
  if (!record && shared[place] === id) shared.splice(place, 1);
  return record;
}

function linesOf(random: SeededRandom): { sku: string; quantity: number }[] {
  return Array.from({ length: random.below(3) }, () => ({
    sku: random.oneOf(Object.keys(PRODUCTS)),
    quantity: 1 + random.below(5),
  }));
}

function userOf(random: SeededRandom): string {
  return `visitor-${random.below(USERS)}`;
}
