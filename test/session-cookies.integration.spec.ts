import { Logger } from '@nestjs/common';
import type { SessionOptions } from 'nestjs-redis-session';
import { createToken } from '../libs/session/src/core/token.js';
import { PLATFORMS, startApp } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { ScopedJar } from './support/scoped-jar.js';
import { Visitor, VisitorController } from './support/visitor.js';

const defer = useCleanup();

describe.each(PLATFORMS)('session cookies on %s', (platform) => {
  const redis = useRedis();
  beforeEach(() => redis.client.flushall());

  const start = async (options: Partial<SessionOptions> = {}) => {
    const warnings: string[] = [];
    const controllers = [VisitorController];
    const site = await startApp(
      platform,
      { redis: redis.url, ...options },
      { controllers },
      (app) => {
        const ignore = () => undefined;
        const warn = (message: string) => void warnings.push(message);
        app.useLogger({ log: ignore, error: ignore, warn });
      },
    );
    defer(() => Logger.overrideLogger(false));
    defer(() => site.app.close());
    return { ...site, warnings };
  };
  const tokenOf = async (site: { url: string }, path: string, body = {}) => {
    const visitor = new Visitor(site);
    await visitor.post(path, body);
    return visitor.jar.cookies.get('id')!;
  };
  const ask = (site: { url: string }, path: string, tokens: readonly string[], init = {}) =>
    fetch(`${site.url}/${path}`, {
      ...init,
      headers: { cookie: tokens.map((token) => `id=${token}`).join('; ') },
    });
  const userOf = async (response: Response) =>
    ((await response.json()) as { userId: string | null }).userId;

  const SCOPES = [
    ['gets a domain', {}, { domain: 'example.com' }],
    ['loses its domain', { domain: 'example.com' }, {}],
    ['gets a wider domain', { domain: 'www.example.com' }, { domain: 'example.com' }],
    ['gets a longer path', {}, { path: '/app' }],
    ['gets a shorter path', { path: '/app' }, {}],
    ['gets both', {}, { domain: 'example.com', path: '/app' }],
  ] as const;

  describe.each(SCOPES)('where the cookie %s', (_, before, after) => {
    it('keep the visitor signed in, let them sign in again, and sign them out', async () => {
      const jar = new ScopedJar();
      const old = await start({ cookie: before });
      await jar.fetch(`${old.url}/sign-in?user=ana`, { method: 'POST' });
      const site = await start({ cookie: after });
      expect((await jar.fetch(`${site.url}/private`)).status).toBe(200);
      for (let time = 0; time < 3; time++) {
        await jar.fetch(`${site.url}/sign-in?user=ana`, { method: 'POST' });
        expect((await jar.fetch(`${site.url}/private`)).status).toBe(200);
      }
      expect(jar.size).toBe(2);
      expect(site.warnings).toEqual([
        expect.stringMatching(/^A request came with two different session cookies named id\./),
      ]);
      await jar.fetch(`${site.url}/sign-out`, { method: 'POST' });
      expect((await jar.fetch(`${site.url}/private`)).status).toBe(401);
      expect(await redis.client.keys('session:*')).toEqual([]);
    });

    it('leave one cookie, where the former scope is named', async () => {
      const jar = new ScopedJar();
      const old = await start({ cookie: before });
      await jar.fetch(`${old.url}/write`, {
        method: 'POST',
        body: JSON.stringify({ note: 'kept' }),
        headers: { 'content-type': 'application/json' },
      });
      const site = await start({ cookie: { ...after, formerScopes: [before] } });
      await jar.fetch(`${site.url}/sign-in?user=ana`, { method: 'POST' });
      expect(jar.size).toBe(1);
      expect(await (await jar.fetch(`${site.url}/read`)).json()).toEqual({
        note: 'kept',
        userId: 'ana',
      });
      await jar.fetch(`${old.url}/sign-in?user=ana`, { method: 'POST' });
      expect(jar.size).toBe(2);
      await jar.fetch(`${site.url}/sign-out`, { method: 'POST' });
      expect(jar.size).toBe(0);
      expect(await redis.client.keys('session:*')).toEqual([]);
    });
  });

  it('are believed if one is alive, in whatever order they come', async () => {
    const site = await start();
    const alive = await tokenOf(site, 'sign-in?user=ana');
    for (const dead of [createToken(), createToken()]) {
      for (const tokens of [
        [alive, dead],
        [dead, alive],
      ]) {
        const response = await ask(site, 'private', tokens);
        expect([response.status, response.headers.getSetCookie()]).toEqual([200, []]);
      }
    }
    const commands = await commandsDuring(redis, () =>
      ask(site, 'private', [createToken(), alive]),
    );
    expect(commands).toHaveLength(3);
    expect(await commandsDuring(redis, () => ask(site, 'private', [alive]))).toHaveLength(1);
  });

  it('of different users are not believed, in whatever order they come', async () => {
    const site = await start();
    const [ana, bob] = [
      await tokenOf(site, 'sign-in?user=ana'),
      await tokenOf(site, 'sign-in?user=bob'),
    ];
    for (const tokens of [
      [ana, bob],
      [bob, ana],
    ]) {
      const response = await ask(site, 'private', tokens);
      expect([response.status, response.headers.getSetCookie()]).toEqual([401, []]);
      expect(await userOf(await ask(site, 'read', tokens))).toBeNull();
    }
    expect(site.warnings).toEqual([
      expect.stringMatching(/^A request came with two different session cookies named id\./),
      expect.stringMatching(/live sessions are of different users\./),
    ]);
    expect(JSON.stringify(site.warnings)).not.toMatch(new RegExp(`${ana}|${bob}`));
    // Both go on.
    expect(await userOf(await ask(site, 'private', [ana]))).toBe('ana');
    expect(await userOf(await ask(site, 'private', [bob]))).toBe('bob');
  });

  it("are the user's, if the other session is a guest's", async () => {
    const site = await start();
    const guest = await tokenOf(site, 'write', { note: 'planted' });
    const ana = await tokenOf(site, 'sign-in?user=ana');
    const later = await tokenOf(site, 'write', { note: 'planted' });
    for (const other of [guest, later]) {
      for (const tokens of [
        [ana, other],
        [other, ana],
      ]) {
        expect(await (await ask(site, 'read', tokens)).json()).toEqual({
          note: null,
          userId: 'ana',
        });
      }
    }
  });

  it('of one user are both ended by a sign-out', async () => {
    const site = await start();
    const [one, two] = [
      await tokenOf(site, 'sign-in?user=ana'),
      await tokenOf(site, 'sign-in?user=ana'),
    ];
    const elsewhere = await tokenOf(site, 'sign-in?user=ana');
    expect((await ask(site, 'sign-out', [one, two], { method: 'POST' })).status).toBe(201);
    for (const token of [one, two]) {
      expect((await ask(site, 'private', [token])).status).toBe(401);
    }
    expect((await ask(site, 'private', [elsewhere])).status).toBe(200);
  });

  it('say why the session ended, if neither is alive', async () => {
    const site = await start();
    const ended = await tokenOf(site, 'sign-in?user=ana');
    await ask(site, 'sign-out', [ended], { method: 'POST' });
    for (const tokens of [
      [ended, createToken()],
      [createToken(), ended],
    ]) {
      expect(await (await ask(site, 'private', tokens)).json()).toMatchObject({
        code: 'SESSION_SIGNED_OUT',
      });
    }
  });

  it('are looked up twice at most', async () => {
    const site = await start();
    const tokens = Array.from({ length: 50 }, () => createToken());
    const commands = await commandsDuring(redis, () => ask(site, 'private', tokens));
    expect(commands).toHaveLength(4);
  });

  it.each([
    ['110 other cookies', Array.from({ length: 110 }, (_, i) => `c${i}=1`).join('; ')],
    [
      '180 other cookies',
      Array.from({ length: 180 }, (_, i) => `c${i}=${'x'.repeat(60)}`).join('; '),
    ],
    ['17 kB of other cookies', `sso=${'a'.repeat(17_000)}`],
    ['50 kB of other cookies', `a=${'b=1;'.repeat(3000)}; c=${'d'.repeat(38_000)}`],
  ])('are found next to %s, with one warning', async (_, others) => {
    const site = await start();
    // As large as the server was told to take.
    site.app.getHttpServer().maxHeaderSize = 65_536;
    const token = await tokenOf(site, 'sign-in?user=ana');
    for (const cookie of [`${others}; id=${token}`, `id=${token}; ${others}`]) {
      const response = await fetch(`${site.url}/private`, { headers: { cookie } });
      expect(response.status).toBe(200);
    }
    expect(site.warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^A request came with a Cookie header of ${others.length + 48} characters`),
      ),
    ]);
  });
});
