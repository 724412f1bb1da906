import type { SessionSearch } from 'nestjs-redis-session';
import { Actor } from './actor.js';

type AnySearch = SessionSearch<never>;

const QUESTIONS: Record<string, (search: AnySearch) => Promise<unknown>> = {
  find: (search) => search.find({}),
  stream: (search) => search.stream({}).next(),
  count: (search) => search.count(),
  countBy: (search) => search.countBy('userId'),
  revokeWhere: (search) => search.revokeWhere({}),
  updateWhere: (search) => search.updateWhere({}, {}),
};
const PREPARATION: typeof QUESTIONS = {
  prepare: (search) => search.prepare(),
  status: (search) => search.status(),
};

/** Fails unless each method rejects with this code and these words. */
async function expectRefusals(
  acts: typeof QUESTIONS,
  search: unknown,
  code: string,
  words: string,
): Promise<void> {
  for (const [name, act] of Object.entries(acts)) {
    const answer = await act(search as AnySearch).then(
      () => 'an answer',
      (error: Error) => error,
    );
    expect({ [name]: answer }).toEqual({ [name]: expect.objectContaining({ code }) });
    expect(String(answer)).toContain(words);
  }
}

/** Nothing can be asked, nor prepared. */
export async function expectNoSearch(search: unknown, code: string, words: string): Promise<void> {
  await expectRefusals({ ...QUESTIONS, ...PREPARATION }, search, code, words);
}

/** Nothing can be asked. */
export function expectNoAnswers(search: unknown, code: string, words: string): Promise<void> {
  return expectRefusals(QUESTIONS, search, code, words);
}

/** Everything can be asked, once the index is made. */
export async function expectSearch(search: unknown): Promise<void> {
  await (search as AnySearch).prepare();
  for (const ask of Object.values(QUESTIONS)) {
    await expect(ask(search as AnySearch)).resolves.toBeDefined();
  }
}

/** Begins, writes, counts, signs in, renews and ends, as if there were no Search in the world. */
export async function expectSessionsToWork(site: { readonly url: string }): Promise<void> {
  const visitor = new Actor(site);
  await visitor.act({ set: { tenant: 'acme', views: 1, lines: [{ sku: 'tea', quantity: 1 }] } });
  for (const act of [
    { addToViews: 1 },
    { signIn: 'alice', set: { note: 'kept' } },
    { signIn: 'alice' },
    { does: 'renew' },
    { remove: ['lines'] },
  ] as const) {
    await visitor.act(act);
  }
  expect(await (await visitor.get('look')).json()).toEqual({ userId: 'alice' });
  await visitor.post('act', { does: 'destroy' });
  expect(await (await visitor.get('look')).json()).toEqual({ userId: null });
}
