import type { Session } from 'nestjs-redis-session';
import type { SessionRecord } from '../../libs/session/src/core/record.js';
import type { StormRandom } from '../support/storm-random.js';
import { NOTES, PRODUCTS, TENANTS } from './storm-index.js';
import type { IndexStormSite } from './storm-site.js';

const USERS = 12;
const MOST_SESSIONS = 200;

type Act = (session: Session, random: StormRandom) => void;

const SHOP: Act = (session, random) => {
  session.set('tenant', random.oneOf(Object.keys(TENANTS)));
  session.set('lines', linesOf(random));
};

/** What a request may do to its session; those that stand here more often are more likely. */
const WRITES: readonly Act[] = [
  SHOP,
  SHOP,
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

/** A session begins, or several requests meet at one: often writes, and now and then something else. */
export async function actOnce(site: IndexStormSite, random: StormRandom): Promise<void> {
  const record = await site.anyRecord(random);
  if (!record || (site.ids.length < MOST_SESSIONS && random.below(100) < 30)) {
    return begin(site, random);
  }
  await Promise.all([1, 2, 3].map(() => actOn(record, site, random)));
}

async function actOn(
  record: SessionRecord,
  site: IndexStormSite,
  random: StormRandom,
): Promise<unknown> {
  const dice = random.below(100);
  if (dice < 4) return site.request(record, (session) => session.destroy());
  if (dice < 6) return site.revoke(record);
  if (dice < 7) return site.signOutEverywhere(userOf(random));
  if (dice < 20) return site.touch(record);
  return site.request(record, (session) => {
    if (dice < 90) random.oneOf(WRITES)(session, random);
    if (dice >= 80 && dice < 93) session.renew();
    if (dice >= 93) session.signIn(record.userId ?? userOf(random));
    if (dice >= 97) SHOP(session, random);
  });
}

async function begin(site: IndexStormSite, random: StormRandom): Promise<void> {
  const isGuest = random.below(2) === 0;
  await site.request(undefined, (session) => {
    SHOP(session, random);
    if (!isGuest) session.signIn(userOf(random));
  });
}

function linesOf(random: StormRandom): SessionLines {
  return Array.from({ length: random.below(3) }, () => ({
    sku: random.oneOf(Object.keys(PRODUCTS)),
    quantity: 1 + random.below(5),
  }));
}

type SessionLines = { sku: string; quantity: number }[];

function userOf(random: StormRandom): NonNullable<SessionRecord['userId']> {
  return `user-${random.below(USERS)}`;
}
