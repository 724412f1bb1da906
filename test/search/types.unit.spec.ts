import {
  and,
  atLeast,
  between,
  has,
  matches,
  not,
  numeric,
  oneOf,
  or,
  type SessionFilter,
  type SessionSearch,
  startsWith,
  tag,
  tags,
  text,
} from 'nestjs-redis-session';
import type { IndexOfShop } from './support/index-of-shop.js';

type Filter = SessionFilter<IndexOfShop>;

/** What the compiler takes, and what it refuses. Never called: `npm run types` is the test of it. */
async function contract(search: SessionSearch<IndexOfShop>): Promise<void> {
  await search.find({ tenant: 'acme', isBeta: true, views: 3, createdAt: new Date() });
  await search.find({
    tenant: oneOf('acme', 'globex'),
    products: has('tea'),
    ip: startsWith('10.'),
  });
  await search.find({
    views: between(1, 2),
    note: matches('grüße'),
    signedInAt: atLeast(new Date()),
  });
  await search.find(and({ tenant: 'acme' }, or({ views: 1 }, not({ products: oneOf('tea') }))));
  await search.find({}, { page: 2, pageSize: 10, sort: { by: 'views', order: 'desc' } });
  await search.find({}, { sort: { by: 'userId' } });
  await search.countBy('products', { tenant: 'acme' });
  await search.updateWhere({ tenant: 'acme' }, { tenant: 'globex', views: 3 });
  await search.updateWhere({}, (session) => session.set('note', 'x'));

  // @ts-expect-error -- there is no such field in the index.
  await search.find({ tennant: 'acme' });
  // @ts-expect-error -- it is in no index: each request would change it.
  await search.find({ lastSeenAt: atLeast(0) });
  // @ts-expect-error -- a tag has no order.
  await search.find({ tenant: atLeast(3) });
  // @ts-expect-error -- of several tags one is asked for by has().
  await search.find({ products: 'tea' });
  // @ts-expect-error -- a number does not begin like a text.
  await search.find({ views: startsWith('12') });
  // @ts-expect-error -- a number is no text.
  await search.find({ views: 'three' });
  // @ts-expect-error -- words are asked for by matches().
  await search.find({ note: 'grüße' });
  // @ts-expect-error -- a tag has no words.
  await search.find({ tenant: matches('acme') });
  // @ts-expect-error -- what may be absent does not belong into a filter: it would find everybody, or nobody.
  await search.find({ tenant: undefined });
  // @ts-expect-error -- a condition that came from outside is none.
  await search.find({ tenant: { oneOf: ['acme'] } });
  // @ts-expect-error -- the same inside a combination.
  await search.find(and({ tenant: 'acme' }, { tennant: 'acme' }));
  // @ts-expect-error -- the same inside not().
  await search.find(not({ products: 'tea' }));
  // @ts-expect-error -- a session has several of these tags, so they are no order.
  await search.find({}, { sort: { by: 'products' } });
  // @ts-expect-error -- words are no order.
  await search.find({}, { sort: { by: 'note' } });
  // @ts-expect-error -- up or down.
  await search.find({}, { sort: { by: 'views', order: 'up' } });
  // @ts-expect-error -- numbers are no tags.
  await search.countBy('views');
  // @ts-expect-error -- words are no tags.
  await search.countBy('note');
  // @ts-expect-error -- not a field of a session.
  await search.updateWhere({}, { vews: 3 });
  // @ts-expect-error -- not what the field holds.
  await search.updateWhere({}, { views: 'three' });
}

/** The same for declarations: the function may be left out only where the field holds what the index needs. */
function declarations(): unknown[] {
  return [
    tag('tenant'),
    tag('isBeta'),
    tag('views'),
    tag('lines', (lines) => lines[0]?.sku),
    tags('labels'),
    numeric('views'),
    text('note'),
    // @ts-expect-error -- there is no such field.
    tag('tennant'),
    // @ts-expect-error -- a list is no tag.
    tag('labels'),
    // @ts-expect-error -- lines are no tags.
    tags('lines'),
    // @ts-expect-error -- a text is no list of tags.
    tags('tenant'),
    // @ts-expect-error -- a text is no number.
    numeric('tenant'),
    // @ts-expect-error -- a number is no text.
    text('views'),
    // @ts-expect-error -- a text is no number.
    numeric('lines', (lines) => lines.map(({ sku }) => sku).join()),
    // @ts-expect-error -- what is indexed is known at once.
    tag('tenant', async (tenant) => tenant),
  ];
}

describe('the types of SessionSearch', () => {
  it('are held by the compiler', () => {
    const filter: Filter = or({ tenant: 'acme' }, { products: has('tea') });
    expect(filter).toBeDefined();
    expect([contract, declarations]).toHaveLength(2);
  });
});
