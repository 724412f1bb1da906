import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  type CanActivate,
  Controller,
  Get,
  HttpCode,
  Injectable,
  Redirect,
  Res,
  Sse,
  StreamableFile,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { Session, SessionGuard } from 'nestjs-redis-session';
import { from } from 'rxjs';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { useCleanup } from './support/cleanup.js';

const defer = useCleanup();

declare module 'nestjs-redis-session' {
  interface SessionData {
    note: string;
    count: number;
  }
}

@Injectable()
class RefusingGuard implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException('not you');
  }
}

/** Leaves a note with whoever it turns away. */
@Injectable()
class NotingGuard extends SessionGuard {
  protected override refusal(session: Session): Error {
    session.set('note', 'noted');
    return super.refusal(session);
  }
}

@Controller()
class Pages {
  @Get('json') json(@Session() session: Session) {
    session.set('note', 'json');
    return { ok: true };
  }
  @Get('text') text(@Session() session: Session) {
    session.set('note', 'text');
    return 'hello';
  }
  @Get('empty') @HttpCode(204) empty(@Session() session: Session) {
    session.set('note', 'empty');
  }
  @Get('redirect') @Redirect('/elsewhere', 302) redirect(@Session() session: Session) {
    session.set('note', 'redirect');
  }
  @Get('throws') throws(@Session() session: Session) {
    session.set('note', 'throws');
    throw new Error('broken');
  }
  @Get('stream') stream(@Session() session: Session) {
    session.set('note', 'stream');
    return new StreamableFile(Readable.from(['a'.repeat(100_000), 'b'.repeat(100_000)]));
  }
  @Sse('events') events(@Session() session: Session) {
    session.set('note', 'events');
    return from([{ data: 'one' }, { data: 'two' }]);
  }
  @Get('cookie') cookie(
    @Session() session: Session,
    @Res({ passthrough: true }) response: { header(name: string, value: string): void },
  ) {
    session.set('note', 'cookie');
    response.header('set-cookie', 'own=1; Path=/');
    response.header('vary', 'Accept');
    return { ok: true };
  }
  @Get('read') read(@Session() session: Session) {
    return { note: session.get('note') ?? null };
  }
  @Get('plain') plain() {
    return { ok: true };
  }
  @Get('guarded') @UseGuards(SessionGuard) guarded() {
    return { ok: true };
  }
  @Get('noted') @UseGuards(NotingGuard) noted() {
    return { ok: true };
  }
  @Get('refused') @UseGuards(RefusingGuard) refused() {
    return { ok: true };
  }
}

describe.each(PLATFORMS)('the response gate on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  beforeAll(async () => {
    site = await startApp(platform, { redis: redis.url }, { controllers: [Pages] });
  });
  afterAll(() => site.app.close());

  it.each([
    ['json', 200, '{"ok":true}'],
    ['text', 200, 'hello'],
    ['empty', 204, ''],
    ['redirect', 302, expect.any(String)],
    ['throws', 500, expect.any(String)],
    ['noted', 401, expect.stringContaining('SESSION_REQUIRED')],
    ['stream', 200, 'a'.repeat(100_000) + 'b'.repeat(100_000)],
    ['events', 200, expect.stringContaining('data: two')],
  ])('saves and sets the cookie before the body of /%s leaves', async (path, status, body) => {
    const response = await fetch(`${site.url}/${path}`, { redirect: 'manual' });
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(text).toEqual(body);
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^id=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('vary')).toMatch(/cookie/i);
    const again = await fetch(`${site.url}/read`, { headers: { cookie: cookie!.split(';')[0]! } });
    expect(await again.json()).toEqual({ note: path });
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(again.headers.get('vary')).toBe('Cookie');
  });

  it('answers HEAD with the cookie and no body', async () => {
    const response = await fetch(`${site.url}/json`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(response.headers.getSetCookie()).toHaveLength(1);
  });

  it('keeps the cookies and the Vary header of the application', async () => {
    const response = await fetch(`${site.url}/cookie`);
    const names = response.headers.getSetCookie().map((cookie) => cookie.split('=')[0]);
    expect(names.toSorted()).toEqual(['id', 'own']);
    expect(response.headers.get('vary')).toBe('Accept, Cookie');
  });

  it('leaves a response alone that has nothing to do with the session', async () => {
    const seen = await commandsDuring(redis, async () => {
      for (const path of ['plain', 'refused', 'nowhere']) {
        const response = await fetch(`${site.url}/${path}`);
        await response.text();
        expect(response.headers.get('vary')).toBeNull();
        expect(response.headers.getSetCookie()).toEqual([]);
      }
    });
    expect(seen).toEqual([]);
  });

  it('answers 401 from the guard without a cookie and without Redis', async () => {
    const seen = await commandsDuring(redis, async () => {
      const response = await fetch(`${site.url}/guarded`);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({
        statusCode: 401,
        message: 'Sign in first.',
        code: 'SESSION_REQUIRED',
      });
      expect(response.headers.getSetCookie()).toEqual([]);
    });
    expect(seen).toEqual([]);
  });
});

describe('a response that another application of Express sends', () => {
  const redis = useRedis();

  @Controller()
  class HandsOver {
    @Get('hand-over') handOver(@Session() session: Session, @Res() response: object) {
      session.set('note', 'handed over');
      // What every application of Express does with a response that it is called with.
      const shared = Object.getPrototypeOf(Object.getPrototypeOf(response) as object) as object;
      Object.setPrototypeOf(response, Object.create(shared) as object);
      (response as ServerResponse).end('from there');
    }
  }

  it('waits for the session, too', async () => {
    const site = await startApp('express', { redis: redis.url }, { controllers: [HandsOver] });
    defer(() => site.app.close());
    const response = await fetch(`${site.url}/hand-over`);
    expect(await response.text()).toBe('from there');
    expect(response.headers.getSetCookie()).toHaveLength(1);
    expect(await redis.client.keys('session:*')).toHaveLength(1);
  });
});

describe('a response of an application that is mounted in another one', () => {
  const redis = useRedis();

  @Controller()
  class Notes {
    @Get('note') note(@Session() session: Session) {
      session.set('note', 'here');
      return { note: session.get('note') };
    }
  }

  it('has a gate of each, whatever wraps it between them', async () => {
    const options = (name: string) => ({ redis: redis.url, cookie: { name } });
    const inner = await startApp('express', options('inner'), { controllers: [Notes] });
    defer(() => inner.app.close());
    let wrapped = 0;
    const outer = await startApp('express', options('outer'), { controllers: [Notes] }, (app) => {
      app.use((_request: unknown, response: ServerResponse, next: () => void) => {
        const { end } = response;
        response.end = ((...call: unknown[]) => {
          wrapped++;
          return end.apply(response, call as never);
        }) as never;
        next();
      });
      app.use('/inner', inner.app.getHttpAdapter().getInstance());
    });
    defer(() => outer.app.close());

    for (const [path, cookie] of [
      ['/note', 'outer'],
      ['/inner/note', 'inner'],
    ] as const) {
      const response = await fetch(outer.url + path);
      expect(await response.json()).toEqual({ note: 'here' });
      expect(response.headers.getSetCookie().join()).toMatch(new RegExp(`^${cookie}=[^,]+$`));
    }
    expect(wrapped).toBe(2);
    expect(await redis.client.keys('session:*')).toHaveLength(2);
  });
});
