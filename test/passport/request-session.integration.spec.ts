import { PLATFORMS, type TestApp } from '../support/app.js';
import { useRedis } from '../support/redis.js';
import { populate } from './people.js';
import { PassportVisitor, startPassportSite } from './site.js';

describe.each(PLATFORMS)('req.session, for Passport and its strategies, on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: PassportVisitor;
  beforeAll(async () => {
    site = await startPassportSite(platform, { redis: redis.url });
  });
  afterAll(() => site.app.close());
  beforeEach(() => {
    populate();
    visitor = new PassportVisitor(site);
  });

  const location = (response: Response) => response.headers.get('location');

  describe('keeps the state of a sign-in elsewhere', () => {
    let state: string;
    beforeEach(async () => {
      state = new URL(location(await visitor.get('provider'))!).searchParams.get('state')!;
    });

    it('until the visitor comes back with it, and is signed in', async () => {
      const answer = await visitor.get(`provider?state=${state}`);
      expect([answer.status, await answer.json()]).toEqual([200, { user: 'alice' }]);
      expect(await visitor.who()).toMatchObject({ user: 'alice', fields: [] });
    });

    it('for one visitor, and for one time', async () => {
      const stranger = new PassportVisitor(site);
      const refusals = [
        await stranger.get(`provider?state=${state}`),
        await visitor.get('provider?state=another'),
        await visitor.get(`provider?state=${state}`),
      ];
      expect(refusals.map(({ status }) => status)).toEqual([401, 401, 401]);
      expect(await visitor.who()).toMatchObject({ user: null });
    });
  });

  it('keeps the messages of what failed', async () => {
    for (let i = 0; i < 2; i++) {
      expect(location(await visitor.post('form', { username: 'alice' }))).toBe('/failed');
    }
    const messages = ['Missing credentials', 'Missing credentials'];
    expect(await (await visitor.get('messages')).json()).toEqual({ messages });
  });

  it('keeps where to go after the log-in, once', async () => {
    await visitor.post('remember');
    const where = async () => location(await visitor.logIn('alice', 'alice', 'form'));
    expect(await where()).toBe('/where/they/were');
    expect(await visitor.who()).toMatchObject({ user: 'alice', isAuthenticated: true });
    expect(await where()).toBe('/home');
  });

  const trail = (...steps: unknown[]) => ({ steps: [{ to: 'cart' }, ...steps] });

  it.each(['a guest', 'a user'])(
    'keeps what is written into an object after it was set, of %s',
    async (who) => {
      const isGuest = who === 'a guest';
      const answer = isGuest
        ? await visitor.post('flash')
        : await visitor.logIn('alice', 'alice', 'flash-and-log-in');
      expect(await answer.json()).toEqual({ isSame: true });
      const first = trail('1970-01-01T00:00:01.000Z');
      expect(await (await visitor.get('flashed')).json()).toEqual({
        flash: { info: ['one', 'two'] },
        trail: { ...first, at: '1970-01-01T00:00:00.000Z' },
        fields: ['trail'],
      });
      expect((await visitor.post('alter')).status).toBe(201);
      expect(await (await visitor.get('flashed')).json()).toEqual({
        flash: null,
        trail: trail('1970-01-01T00:00:01.000Z', '1970-01-01T00:00:02.000Z', null),
        fields: ['trail'],
      });
    },
  );

  it('carries what was written into an object over to the user who the guest becomes', async () => {
    await visitor.post('write', { note: 'a guest' });
    await visitor.logIn('alice', 'alice', 'flash-and-log-in');
    const { flash } = (await (await visitor.get('flashed')).json()) as { flash: unknown };
    expect(flash).toEqual({ info: ['one', 'two'] });
  });

  it('is saved before the response, whoever asks for it', async () => {
    await visitor.post('save');
    expect(await (await visitor.get('read')).json()).toMatchObject({ note: 'saved' });
  });

  it('says why it cannot be regenerated', async () => {
    const answer = await visitor.post('regenerate');
    expect(await answer.json()).toEqual({ message: expect.stringContaining('req.logIn() always') });
  });
});
