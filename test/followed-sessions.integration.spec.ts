import type { Session } from 'nestjs-redis-session';
import type { SessionRecord } from '../libs/session/src/core/record.js';
import type { SessionId } from '../libs/session/src/core/token.js';
import { Instance } from './support/instance.js';
import { useCleanup } from './support/cleanup.js';
import { useRedis } from './support/redis.js';

const defer = useCleanup();

/** What gives a session another id, and leaves it with its user. */
const MOVES: Record<string, (session: Session) => void> = {
  'was given a new token': (session) => session.renew(),
  'was given a new token because the old one had aged': (session) => session.rotate(session.id!),
  'has confirmed its user': (session) => session.reauthenticated(),
  'was signed in to again': (session) => session.signIn('ana', { remember: true }),
};

describe('a session whose id was learned before it', () => {
  const redis = useRedis();
  let site: Instance;
  beforeAll(async () => {
    site = await Instance.open({ redis: redis.url });
  });
  afterAll(() => site?.close());
  afterEach(() => redis.client.flushall());

  const change = async (
    record: SessionRecord | undefined,
    act: (session: Session) => void,
  ): Promise<SessionRecord> => {
    const session = site.sessionOf(record);
    act(session);
    await site.save(session);
    return (await site.repository.read(session.id!))!;
  };
  const signIn = () => change(undefined, (session) => session.signIn('ana'));
  const isAlive = async ({ id }: SessionRecord) => (await site.repository.read(id)) !== undefined;
  /** Something happens behind the next read of a session, before anything is done about it. */
  const behindNextRead = (act: () => Promise<unknown>) => {
    const { repository } = site;
    const read = repository.read.bind(repository);
    repository.read = async (...asked) => {
      const found = await read(...asked);
      repository.read = read;
      await act();
      return found;
    };
    defer(() => void (repository.read = read));
  };

  describe.each(Object.keys(MOVES))('%s', (name) => {
    const move = MOVES[name]!;

    it('ends, once or three times', async () => {
      for (const times of [1, 3]) {
        const first = await signIn();
        let last = first;
        for (let time = 1; time <= times; time++) last = await change(last, move);
        expect(await site.service.revoke(first.id)).toBe(true);
        expect(await isAlive(last)).toBe(false);
        expect(await site.service.revoke(first.id)).toBe(false);
      }
    });

    it('ends if it moves just before', async () => {
      const first = await signIn();
      let last = first;
      behindNextRead(async () => (last = await change(first, move)));
      expect(await site.service.revoke(first.id, { ofUser: 'ana' })).toBe(true);
      expect(last.id).not.toBe(first.id);
      expect(await isAlive(last)).toBe(false);
    });

    it('is written, before or in the middle of it', async () => {
      const first = await signIn();
      const second = await change(first, move);
      expect(await site.service.update(first.id, { note: 'x' } as never)).toBe(true);
      let third = second;
      behindNextRead(async () => (third = await change(second, move)));
      expect(await site.service.update(second.id, { other: 'y' } as never)).toBe(true);
      const { fields } = (await site.repository.read(third.id))!;
      expect(Object.fromEntries(fields)).toEqual({ note: '"x"', other: '"y"' });
    });

    it('ends for its user only, where that is asked for', async () => {
      const first = await signIn();
      const last = await change(first, move);
      expect(await site.service.revoke(first.id, { ofUser: 'eve' })).toBe(false);
      expect(await site.service.revoke(last.id, { ofUser: 'eve' })).toBe(false);
      expect(await isAlive(last)).toBe(true);
      expect(await site.service.revoke(first.id, { ofUser: 'ana' })).toBe(true);
    });
  });

  it('was signed in to by another user is not theirs to end or write', async () => {
    const first = await signIn();
    const other = await change(first, (session) => session.signIn('eve'));
    expect(await site.service.revoke(first.id)).toBe(false);
    expect(await site.service.revoke(first.id, { ofUser: 'ana' })).toBe(false);
    expect(await site.service.update(first.id, { note: 'x' } as never)).toBe(false);
    expect((await site.repository.read(other.id))!.fields.size).toBe(0);
  });

  it('was that of a guest who has signed in is not followed to the user', async () => {
    const guest = await change(undefined, (session) => session.set('n' as never, 1 as never));
    const user = await change(guest, (session) => session.signIn('ana'));
    expect(await site.service.update(guest.id, { note: 'x' } as never)).toBe(false);
    expect(await site.service.revoke(guest.id)).toBe(false);
    expect(await isAlive(user)).toBe(true);
  });

  it('has ended, is never found again', async () => {
    const first = await signIn();
    const last = await change(first, (session) => session.renew());
    const ended = site.sessionOf(last);
    ended.destroy();
    await site.save(ended);
    expect(await site.service.revoke(first.id)).toBe(false);
    expect(await site.service.update(first.id, { note: 'x' } as never)).toBe(false);
    expect(await site.service.revoke('x'.repeat(32) as SessionId)).toBe(false);
  });
});
