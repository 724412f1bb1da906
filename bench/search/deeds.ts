import type { SessionRepository } from 'nestjs-redis-session/testing';
import type { BenchSession } from './population.js';

export type DeedName = 'readAndTouch' | 'touch' | 'plainWrite' | 'indexedWrite' | 'indexedCount';

type SessionRecord = NonNullable<Awaited<ReturnType<SessionRepository['read']>>>;
type Changes = Parameters<SessionRepository['commit']>[1];

/** What one request does to a session. */
interface Deed {
  readonly title: string;
  /** How much more processor time of Redis it may cost where an index is declared. */
  readonly goal?: number;
  /** @param n another number for each. */
  act(repository: SessionRepository, session: BenchSession, n: number): Promise<boolean>;
}

export const DEEDS: Record<DeedName, Deed> = {
  readAndTouch: {
    title: 'read with touch',
    goal: 1.3,
    act: async (repository, { id }) => {
      const record = await repository.read(id);
      return record !== undefined && repository.touch(record);
    },
  },
  touch: { title: 'touch alone', goal: 1.3, act: touch },
  plainWrite: {
    title: 'write of a field that is not indexed',
    goal: 1.05,
    act: (repository, session, n) => {
      const text = session.fields.get('lastPage')!;
      const page = JSON.stringify(`/${n}`.padEnd(text.length - 2, 'x'));
      return commit(repository, session, 'lastPage', { kind: 'set', text: page });
    },
  },
  indexedWrite: {
    title: 'write of an indexed field (cart)',
    act: (repository, session, n) => {
      const cart = session.cart.map(({ sku }) => ({ sku, quantity: 1 + (n % 9) }));
      return commit(repository, session, 'cart', { kind: 'set', text: JSON.stringify(cart) });
    },
  },
  indexedCount: {
    title: 'increment of an indexed field (views)',
    act: (repository, session) => commit(repository, session, 'views', { kind: 'add', amount: 1 }),
  },
};

/** Only these two of a record are looked at. */
export function touch(repository: SessionRepository, { id, userId }: BenchSession) {
  return repository.touch({ id, userId } as SessionRecord);
}

async function commit(
  repository: SessionRepository,
  { id }: BenchSession,
  field: string,
  change: Changes extends ReadonlyMap<string, infer Change> ? Change : never,
): Promise<boolean> {
  return (await repository.commit(id, new Map([[field, change]]))).kind === 'saved';
}
