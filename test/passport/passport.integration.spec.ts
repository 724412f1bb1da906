import { SessionService } from 'nestjs-redis-session';
import { PLATFORMS, type TestApp } from '../support/app.js';
import { commandsDuring, useRedis } from '../support/redis.js';
import { directory, people, populate } from './people.js';
import { PassportVisitor, startPassportSite } from './site.js';

const NOBODY = { user: null, isAuthenticated: false };
const somebody = (user: string) => ({ user, isAuthenticated: true });

describe.each(PLATFORMS)('Login sessions of Passport, on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: PassportVisitor;
  beforeAll(async () => {
    site = await startPassportSite(platform, {
      redis: redis.url,
      maxSessionsPerUser: { limit: 3, whenReached: 'refuse' },
      mergeGuest: ({ note }) => (note === undefined ? {} : { note }),
    });
  });
  afterAll(() => site.app.close());
  beforeEach(async () => {
    await redis.client.flushdb();
    populate();
    visitor = new PassportVisitor(site);
  });

  const sessions = () => site.app.get(SessionService);

  describe('a log-in', () => {
    it('is there at the next request', async () => {
      expect(await visitor.who()).toMatchObject(NOBODY);
      const answer = await visitor.logIn('alice');
      expect([answer.status, await answer.json()]).toEqual([201, { user: 'alice' }]);
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });

    it('is known to the middleware of the application', async () => {
      expect((await visitor.logIn('alice')).headers.get('x-seen')).toBe('nobody');
      expect((await visitor.get('public')).headers.get('x-seen')).toBe('alice');
    });

    it('with a wrong password is refused, and changes nothing', async () => {
      await visitor.post('write', { note: 'a guest' });
      const guest = visitor.jar.header;
      expect((await visitor.logIn('alice', 'wrong')).status).toBe(401);
      expect(visitor.jar.header).toBe(guest);
      expect(await visitor.who()).toMatchObject(NOBODY);
    });

    it('gets a new token, and the one that the guest had opens nothing', async () => {
      await visitor.post('write', { note: 'a guest' });
      const planted = new PassportVisitor(site);
      for (const [name, value] of visitor.jar.cookies) planted.jar.cookies.set(name, value);
      await visitor.logIn('alice');
      expect(visitor.jar.header).not.toBe(planted.jar.header);
      expect(await planted.who()).toMatchObject(NOBODY);
      const before = visitor.jar.header;
      await visitor.logIn('alice');
      expect(visitor.jar.header).not.toBe(before);
    });

    it('is a sign-in: it is among the devices, and counts towards the limit', async () => {
      for (let i = 0; i < 3; i++)
        expect((await new PassportVisitor(site).logIn('alice')).ok).toBe(true);
      expect(await sessions().listByUser('alice')).toHaveLength(3);
      const refused = await visitor.logIn('alice');
      expect([refused.status, await refused.json()]).toMatchObject([
        403,
        { code: 'SESSION_LIMIT' },
      ]);
      expect(await visitor.who()).toMatchObject(NOBODY);
    });

    it('takes along what mergeGuest keeps, and nothing of another user', async () => {
      await visitor.post('write', { note: 'a guest' });
      await visitor.logIn('alice');
      expect(await visitor.who()).toEqual({ ...somebody('alice'), fields: ['note'] });
      await visitor.logIn('bob');
      expect(await visitor.who()).toEqual({ ...somebody('bob'), fields: ['passport'] });
    });

    it('is for long where the handler says so, and still one', async () => {
      const answer = await visitor.logIn('bob', 'bob', 'log-in-remembered');
      expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=2592000;')]);
      expect(await visitor.who()).toMatchObject(somebody('bob'));
      expect(await sessions().listByUser('7')).toHaveLength(1);
    });

    it('without a session is for one request', async () => {
      const answer = await visitor.logIn('alice', 'alice', 'log-in-once');
      expect(await answer.json()).toEqual(somebody('alice'));
      expect(visitor.jar.header).toBe('');
    });

    it('is one, where two come at once from a guest, or two sessions', async () => {
      await visitor.post('write', { note: 'a guest' });
      const answers = await Promise.all([visitor.logIn('alice'), visitor.logIn('alice')]);
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });
  });

  describe('what is serialised', () => {
    it('is the user id where it is a text, and stands nowhere else', async () => {
      await visitor.logIn('alice');
      const [info] = await sessions().listByUser('alice');
      expect(info!.data).toEqual({});
    });

    it('comes back as the number that it was', async () => {
      await visitor.logIn('bob');
      expect(await visitor.who()).toMatchObject(somebody('bob'));
      expect(await sessions().listByUser('7')).toHaveLength(1);
    });

    it('cannot be an object, unless it is said whose it is', async () => {
      expect((await visitor.logIn('carol')).status).toBe(500);
      expect(visitor.jar.header).toBe('');
    });

    it('signs nobody in when the serialiser fails', async () => {
      await visitor.post('write', { note: 'a guest' });
      expect((await visitor.logIn('olga')).status).toBe(500);
      expect(await visitor.who()).toMatchObject(NOBODY);
      expect(await (await visitor.get('read')).json()).toEqual({ note: 'a guest', userId: null });
    });

    it('of a session that was signed in to without Passport is the user id', async () => {
      await visitor.post('sign-in?user=alice');
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });

    it('is passed over where it is of a form that no user has now', async () => {
      await visitor.logIn('alice');
      const [info] = await sessions().listByUser('alice');
      const former = { passport: { user: { id: 'alice' } } } as never;
      expect(await sessions().update(info!.id, former)).toBe(true);
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });

    it('counts only for whom the session is signed in', async () => {
      const forged = { passport: { user: 7 } } as never;
      await visitor.post('write', { note: 'a guest' });
      const { id } = (await (await visitor.post('save')).json()) as { id: string };
      expect(await sessions().update(id, forged)).toBe(true);
      expect(await visitor.who()).toMatchObject(NOBODY);
      await visitor.post('sign-in?user=alice');
      const [info] = await sessions().listByUser('alice');
      expect(await sessions().update(info!.id, forged)).toBe(true);
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });
  });

  describe('the end of it', () => {
    beforeEach(() => visitor.logIn('alice'));

    it('is a log-out, which ends the session', async () => {
      const thief = new PassportVisitor(site);
      for (const [name, value] of visitor.jar.cookies) thief.jar.cookies.set(name, value);
      const answer = await visitor.post('log-out');
      expect(await answer.json()).toEqual({ isAuthenticated: false });
      expect(visitor.jar.header).toBe('');
      expect(await thief.who()).toMatchObject(NOBODY);
      expect(await sessions().listByUser('alice')).toEqual([]);
    });

    it('is req.session.destroy(), too', async () => {
      await visitor.post('destroy');
      expect(visitor.jar.header).toBe('');
    });

    it('is a sign-out everywhere', async () => {
      await visitor.delete('users/alice');
      expect(await visitor.who()).toMatchObject(NOBODY);
      const refused = await visitor.get('private');
      expect(await refused.json()).toMatchObject({ code: 'SESSION_REVOKED' });
    });

    it('is that the user is not there any more', async () => {
      people.delete('alice');
      expect((await visitor.get('private')).status).toBe(401);
      expect(visitor.jar.header).toBe('');
    });

    it('does not come because the users cannot be looked up', async () => {
      directory.isAway = true;
      expect((await visitor.get('who')).status).toBe(500);
      directory.isAway = false;
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });

    it('is told to who logs in with a session whose user is not there any more', async () => {
      people.delete('alice');
      const refused = await visitor.logIn('bob');
      expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'SESSION_GONE' }]);
      expect((await visitor.logIn('bob')).status).toBe(201);
    });

    it('does not come where something was to be kept, which is an error', async () => {
      expect((await visitor.post('log-out?keepSessionInfo=true')).status).toBe(500);
      expect(await visitor.who()).toMatchObject(somebody('alice'));
    });
  });

  it('stands beside SessionGuard, which lets the same users pass', async () => {
    expect((await visitor.get('private')).status).toBe(401);
    await visitor.logIn('alice');
    expect(await (await visitor.get('private')).json()).toEqual({ userId: 'alice' });
    const both = (password: string) => visitor.logIn('alice', password, 'log-in-twice');
    expect((await both('alice')).status).toBe(201);
    expect((await both('wrong')).status).toBe(401);
  });

  it('costs one command in a request, which all share, and a stranger none', async () => {
    await visitor.logIn('alice');
    const cost = async (who: PassportVisitor, path: string) =>
      (await commandsDuring(redis, () => who.get(path))).map(([name]) => name!.toLowerCase());
    expect(await cost(visitor, 'private')).toEqual(['hgetall']);
    expect(await cost(new PassportVisitor(site), 'who')).toEqual([]);
  });

  it('holds in requests that come at once', async () => {
    await visitor.logIn('bob');
    const notes = ['a', 'b', 'c', 'd', 'e', 'f'];
    const writes = notes.map((note) => visitor.post('write', { note }));
    const answers = await Promise.all(notes.map(() => visitor.who()));
    for (const answer of answers) expect(answer).toMatchObject(somebody('bob'));
    expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(notes.map(() => 201));
    expect(await visitor.who()).toMatchObject(somebody('bob'));
  });
});

describe.each(PLATFORMS)('Users who are serialised to an object, on %s', (platform) => {
  const redis = useRedis();
  it('come back as they were, by the user id that is said', async () => {
    populate();
    const userId = (serialised: unknown) => (serialised as { id: string }).id;
    const site = await startPassportSite(platform, { redis: redis.url }, { userId });
    try {
      const visitor = new PassportVisitor(site);
      expect((await visitor.logIn('carol')).status).toBe(201);
      expect(await visitor.who()).toEqual({ ...somebody('carol'), fields: ['passport'] });
      expect(await site.app.get(SessionService).listByUser('carol')).toHaveLength(1);
      // There is nothing to make a user of.
      const other = new PassportVisitor(site);
      await other.post('sign-in?user=carol');
      expect(await other.who()).toMatchObject(NOBODY);
    } finally {
      await site.app.close();
    }
  });
});
