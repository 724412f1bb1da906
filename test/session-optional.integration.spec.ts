import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { Session, SessionGuard, SessionOptional } from 'nestjs-redis-session';
import { launchRedis, type RedisServer } from '../redis-server/launch.js';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { Visitor, VisitorController } from './support/visitor.js';

@Controller('optional')
@SessionOptional()
class OptionalController {
  @Get('greet') greet(@Session() session: Session) {
    return { userId: session.userId ?? null, isUnavailable: session.isUnavailable };
  }
  @Get('note') note(@Session('note') note: string | undefined) {
    return { note: note ?? null };
  }
  @Post('write') write(@Session() session: Session) {
    session.set('note', 'lost?');
    return { ok: true };
  }
  @Get('guarded') @UseGuards(SessionGuard) guarded(@Session() session: Session) {
    return { userId: session.userId };
  }
}

describe('a route that is @SessionOptional()', () => {
  let server: RedisServer;
  let site: TestApp;
  let alice: Visitor;
  beforeAll(async () => {
    server = await launchRedis();
    const controllers = [VisitorController, OptionalController];
    site = await startApp('fastify', { redis: server.url, storeTimeoutMs: 300 }, { controllers });
    alice = new Visitor(site);
    await alice.post('sign-in?user=alice');
    await alice.post('write', { note: 'hers' });
  });
  afterAll(async () => {
    await site.app.close();
    await server.stop();
  });

  it('is like any other while Redis answers', async () => {
    const greeting = await alice.get('optional/greet');
    expect(await greeting.json()).toEqual({ userId: 'alice', isUnavailable: false });
    expect(await (await alice.get('optional/note')).json()).toEqual({ note: 'hers' });
  });

  describe('while Redis is away', () => {
    beforeAll(() => server.crash());
    afterAll(async () => {
      await server.start();
      await eventually('Redis is asked again', async () => (await alice.get('private')).ok);
    });

    it('carries on as for a stranger, and leaves the cookie alone', async () => {
      const greeting = await alice.get('optional/greet');
      expect(greeting.status).toBe(200);
      expect(await greeting.json()).toEqual({ userId: null, isUnavailable: true });
      expect(greeting.headers.getSetCookie()).toEqual([]);
      expect(await (await alice.get('optional/note')).json()).toEqual({ note: null });
    });

    it('does not answer yes to what it could not save', async () => {
      const answer = await alice.post('optional/write');
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'SESSION_STORE' });
      expect(answer.headers.getSetCookie()).toEqual([]);
    });

    it('takes nobody for signed out: a guard answers 503', async () => {
      expect((await alice.get('optional/guarded')).status).toBe(503);
    });

    it('does not change what other routes answer', async () => {
      expect((await alice.get('read')).status).toBe(503);
    });
  });

  it('knows its visitor again as soon as Redis is back', async () => {
    const greeting = await alice.get('optional/greet');
    expect(await greeting.json()).toEqual({ userId: 'alice', isUnavailable: false });
  });
});
