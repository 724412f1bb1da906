import { setTimeout as wait } from 'node:timers/promises';
import { type CanActivate, Controller, Get, Post, Res, UseGuards } from '@nestjs/common';
import { RequireFreshSignIn, Session, SessionGuard, SessionService } from 'nestjs-redis-session';
import type { SessionOptions } from '../libs/session/src/session.options.js';
import { createToken, idOfToken, shardOfUser } from '../libs/session/src/core/token.js';
import { PLATFORMS, startApp } from './support/app.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

/** Lets a request wait before anything asks for its session. */
class WaitingGuard implements CanActivate {
  static #arrive = (): void => undefined;
  static #gate: Promise<void> = Promise.resolve();

  static arm(): { readonly arrived: Promise<void>; letGo(): void } {
    let letGo = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (this.#arrive = resolve));
    this.#gate = new Promise((resolve) => (letGo = resolve));
    return { arrived, letGo: () => letGo() };
  }

  async canActivate(): Promise<boolean> {
    WaitingGuard.#arrive();
    await WaitingGuard.#gate;
    return true;
  }
}

@Controller()
class AccountController {
  constructor(private readonly sessions: SessionService) {}

  @Post('change-password') @UseGuards(SessionGuard) async changePassword(
    @Session() session: Session,
  ) {
    const ended = await this.sessions.revokeAllOfUser(session.userId!, { except: session });
    session.reauthenticated();
    return { ended };
  }
  @Post('reset-password') async resetPassword(@Session() session: Session) {
    await this.sessions.revokeAllOfUser('alice', { except: session });
    session.signIn('alice');
  }
  @Get('devices') @UseGuards(SessionGuard) devices(@Session() session: Session) {
    return this.sessions.listByUser(session.userId!, { current: session });
  }
  @Post('confirm') confirm(@Session() session: Session) {
    session.reauthenticated();
  }
  @Post('late-sign-in') @UseGuards(WaitingGuard) lateSignIn(@Session() session: Session) {
    session.signIn('alice');
  }
  @Post('sign-out-alice') async signOutAlice() {
    await this.sessions.revokeAllOfUser('alice');
  }
  /** What it answers is replaced, because the session that it changes has ended. */
  @Post('refused') @UseGuards(SessionGuard) async refused(
    @Session() session: Session,
    @Res({ passthrough: true }) response: { header(name: string, value: string): unknown },
  ) {
    response.header('set-cookie', 'own=1; Path=/');
    response.header('cache-control', 'max-age=3600');
    response.header('etag', '"of the handler"');
    response.header('location', '/elsewhere');
    response.header('access-control-allow-origin', 'https://partner.example');
    await this.sessions.revoke(session.id!);
    session.set('note', 'too late');
  }
  @Get('secret') @RequireFreshSignIn(1) secret() {
    return { ok: true };
  }
}

describe.each(PLATFORMS)('signing in, on %s', (platform) => {
  const redis = useRedis();
  const withSite = async (
    options: Partial<SessionOptions>,
    act: (visit: () => Visitor) => Promise<void>,
  ) => {
    await redis.client.flushall();
    const controllers = [VisitorController, AccountController];
    const site = await startApp(platform, { redis: redis.url, ...options }, { controllers });
    try {
      await act(() => new Visitor(site));
    } finally {
      await site.app.close();
    }
  };
  const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
  const tokenOf = (visitor: Visitor) => visitor.jar.cookies.get('id')!;

  it('makes a token worthless that somebody planted before', () =>
    withSite({}, async (visit) => {
      const attacker = visit();
      await attacker.post('write', { note: 'planted' });
      const victim = visit();
      victim.jar.cookies.set('id', tokenOf(attacker));
      await victim.post('sign-in?user=alice');
      expect(await (await victim.get('read')).json()).toEqual({ note: 'planted', userId: 'alice' });
      expect(await codeOf(await attacker.get('private'))).toBe('SESSION_RENEWED');
    }));

  it('counts from the arrival of the request, and not from when its session is loaded', () =>
    withSite({}, async (visit) => {
      const { arrived, letGo } = WaitingGuard.arm();
      const late = visit().post('late-sign-in');
      await arrived;
      await visit().post('sign-out-alice');
      letGo();
      const answer = await late;
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []]);
    }));

  it('hands out the token in Set-Cookie and nowhere else', () =>
    withSite({}, async (visit) => {
      const visitor = visit();
      const answers = [
        await visitor.post('write', { note: 'of a guest' }),
        await visitor.post('sign-in?user=alice'),
        await visitor.get('read'),
        await visitor.get('devices'),
        await visitor.post('renew'),
        await visitor.post('change-password'),
        await visitor.post('sign-out'),
        await visitor.get('private'),
      ];
      const cookies = answers.flatMap(({ headers }) => headers.getSetCookie());
      const tokens = cookies.flatMap((cookie) => /^id=([\w-]{43});/.exec(cookie)?.[1] ?? []);
      expect(new Set(tokens).size).toBe(4);
      for (const answer of answers) {
        const headers = [...answer.headers].filter(([name]) => name !== 'set-cookie');
        const text = JSON.stringify(headers) + (await answer.text());
        for (const token of tokens) expect(text).not.toContain(token);
      }
    }));

  it('is over for a handler whose session has ended: what replaces its answer keeps nothing of it', () =>
    withSite({}, async (visit) => {
      const visitor = visit();
      await visitor.post('sign-in?user=alice');
      const { status, headers } = await visitor.post('refused');
      expect(status).toBe(401);
      expect(headers.getSetCookie()).toEqual([]);
      expect(headers.get('cache-control')).toBe('no-store');
      expect([headers.get('etag'), headers.get('location')]).toEqual([null, null]);
      // What belongs to the exchange stays.
      expect(headers.get('access-control-allow-origin')).toBe('https://partner.example');
    }));

  it('is what guards ask for: the session of a guest is not enough', () =>
    withSite({}, async (visit) => {
      const guest = visit();
      await guest.post('write', { note: 'of a guest' });
      expect(await (await guest.get('read')).json()).toEqual({ note: 'of a guest', userId: null });
      for (const answer of [
        await guest.get('private'),
        await guest.get('devices'),
        await guest.get('secret'),
        await guest.post('change-password'),
      ]) {
        expect(answer.status).toBe(401);
        expect(await codeOf(answer)).toBe('SESSION_REQUIRED');
      }
    }));

  it('is not possible with anything that Redis holds of the session', () =>
    withSite({}, async (visit) => {
      await visit().post('sign-in?user=alice');
      const [key = ''] = await redis.client.keys('session:*');
      const id = key.split(':').at(-1)!;
      const check = (await redis.client.hget(key, '~id'))!;
      // The last one has the shape of a token, so the library looks for its session.
      for (const text of [key, id, check, `${id}${'A'.repeat(43 - id.length)}`]) {
        for (const cookie of [text, encodeURIComponent(text)]) {
          const thief = visit();
          thief.jar.cookies.set('id', cookie);
          expect((await thief.get('private')).status).toBe(401);
        }
      }
    }));

  it('ends the session that was not used for the longest time, and not the one in use', () => {
    const maxSessionsPerUser = { limit: 3, whenReached: 'evict-least-recently-used' } as const;
    return withSite({ touchIntervalSeconds: 0, maxSessionsPerUser }, async (visit) => {
      const [laptop, library, hotel, phone] = [visit(), visit(), visit(), visit()];
      for (const device of [laptop, library, hotel]) await device.post('sign-in?user=alice');
      expect((await hotel.get('private')).status).toBe(200);
      // A touch is not waited for: the next request finds it done.
      for (let i = 0; i < 3; i++) expect((await laptop.get('private')).status).toBe(200);
      await phone.post('sign-in?user=alice');
      expect(await codeOf(await library.get('private'))).toBe('SESSION_EVICTED');
      for (const device of [laptop, hotel, phone]) {
        expect((await device.get('private')).status).toBe(200);
      }
    });
  });

  it('ends the session that was signed in to first at the limit, if none was used since', () =>
    withSite(
      { maxSessionsPerUser: { limit: 2, whenReached: 'evict-least-recently-used' } },
      async (visit) => {
        const devices = [visit(), visit(), visit()];
        for (const device of devices)
          expect((await device.post('sign-in?user=alice')).status).toBe(201);
        expect(await codeOf(await devices[0]!.get('private'))).toBe('SESSION_EVICTED');
        expect((await devices[1]!.get('private')).status).toBe(200);
        expect((await devices[2]!.get('private')).status).toBe(200);
      },
    ));

  it('is refused at the limit where the application says so, and keeps the guest', () =>
    withSite({ maxSessionsPerUser: { limit: 1, whenReached: 'refuse' } }, async (visit) => {
      await visit().post('sign-in?user=alice');
      const second = visit();
      await second.post('write', { note: 'mine' });
      const refused = await second.post('sign-in?user=alice');
      expect(refused.status).toBe(403);
      expect(refused.headers.getSetCookie()).toEqual([]);
      expect(await codeOf(refused)).toBe('SESSION_LIMIT');
      expect(await (await second.get('read')).json()).toEqual({ note: 'mine', userId: null });
    }));

  it('is asked for again where it must be fresh', () =>
    withSite({}, async (visit) => {
      const visitor = visit();
      expect(await codeOf(await visitor.get('secret'))).toBe('SESSION_REQUIRED');
      await visitor.post('sign-in?user=alice');
      expect((await visitor.get('secret')).status).toBe(200);
      const key = (await redis.client.keys('session:*'))[0]!;
      await redis.client.hincrby(key, '~auth', -1100);
      const stale = await visitor.get('secret');
      expect(stale.status).toBe(401);
      expect(await codeOf(stale)).toBe('SESSION_NOT_FRESH');
      await visitor.post('confirm');
      expect((await visitor.get('secret')).status).toBe(200);
      expect(await commandsDuring(redis, () => visitor.get('secret'))).toHaveLength(2);
    }));

  it('is listed with what its user knows it by, and dead ones are forgotten', () =>
    withSite({}, async (visit) => {
      const [here, there, dead] = [visit(), visit(), visit()];
      for (const device of [dead, there, here]) {
        await device.post('sign-in?user=alice');
        await wait(2);
      }
      const key = (await redis.client.keys('session-user:*'))[0]!;
      await redis.client.sadd(key, idOfToken(createToken(shardOfUser('alice'))));
      await dead.post('sign-out');
      const devices = (await (await here.get('devices')).json()) as Record<string, unknown>[];
      expect(devices).toHaveLength(2);
      expect(devices[0]).toMatchObject({
        isCurrent: true,
        userId: 'alice',
        address: '127.0.0.1',
        deviceName: 'node',
        expiresInSeconds: expect.closeTo(1830, -1),
      });
      expect(devices[1]).toMatchObject({ isCurrent: false });
      expect(JSON.stringify(devices)).not.toContain(tokenOf(here));
      expect(await redis.client.scard(key)).toBe(2);
      const cost = await commandsDuring(redis, () => here.get('devices'));
      expect(cost.map(([name]) => name!.toLowerCase())).toEqual([
        'hgetall',
        'evalsha',
        'hgetall',
        'hgetall',
      ]);
    }));

  it('survives a password change on the device that makes it, and on no other', () =>
    withSite({}, async (visit) => {
      const [here, there] = [visit(), visit()];
      for (const device of [here, there]) await device.post('sign-in?user=alice');
      expect(await (await here.post('change-password')).json()).toEqual({ ended: 1 });
      expect((await here.get('private')).status).toBe(200);
      expect(await codeOf(await there.get('private'))).toBe('SESSION_REVOKED');
    }));

  it('after a sign-out everywhere in the same request counts', () =>
    withSite({}, async (visit) => {
      const [here, there] = [visit(), visit()];
      await there.post('sign-in?user=alice');
      expect((await here.post('reset-password')).status).toBe(201);
      expect((await here.get('private')).status).toBe(200);
      expect((await there.get('private')).status).toBe(401);
    }));
});
