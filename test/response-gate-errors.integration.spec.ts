import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Logger, Module, Post, Query, Redirect, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Session, SessionModule } from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    note: string;
  }
}

type Raw = ServerResponse & { raw?: ServerResponse };
const rawOf = (response: Raw): ServerResponse => response.raw ?? response;

/** What the handler saw of its own response. */
let seen: unknown[] = [];
let release: () => void = () => undefined;

@Controller()
class Pages {
  @Get('throws') throws(@Session() session: Session, @Query('do') act: string, @Res() res: Raw) {
    session.set('note', 'x');
    const response = rawOf(res);
    const acts: Record<string, () => unknown> = {
      status: () => response.writeHead(99),
      message: () => response.writeHead(200, 'bad €'),
      value: () => response.writeHead(200, { 'X-Name': '€' }),
      missing: () => response.writeHead(200, { 'X-Name': undefined }),
      name: () => response.writeHead(200, { 'bad name': 'x' }),
      list: () => response.writeHead(200, ['X-Name', '€']),
      chunk: () => response.write(42 as never),
      proxy: () => response.write(new Proxy(Buffer.from('x'), {})),
      null: () => response.write(null as never),
      end: () => response.end({ an: 'object' } as never),
      encoding: () => response.write('x', 'nothing' as never),
      implicit: () => response.writeHead.call(response, 1000),
      twice: () => response.writeHead(200).writeHead(200),
      late: () => response.writeHead(200).setHeader('X-Late', '1'),
    };
    try {
      acts[act]!();
    } catch (error) {
      seen.push((error as { code: string }).code);
      if (response.headersSent) return void response.end();
      response.statusCode = 500;
      response.end('caught');
    }
  }
  @Get('away') @Redirect() away(@Session() session: Session, @Query('to') url: string) {
    session.get('note');
    return { url };
  }
  @Get('undefined-message') undefinedMessage(@Session() session: Session, @Res() res: Raw) {
    session.set('note', 'x');
    rawOf(res).writeHead(201, undefined, { 'X-Own': '1' }).end('made');
  }
  @Get('later-status') laterStatus(@Session() session: Session, @Res() res: Raw) {
    session.set('note', 'x');
    const response = rawOf(res);
    response.write('body');
    seen.push(response.headersSent, response.writableEnded, response.writableFinished);
    response.statusCode = 500;
    response.end();
    seen.push(response.writableEnded, response.writableFinished);
    response.write('after', (error) => seen.push((error as { code?: string } | null)?.code));
  }
  @Get('length') length(@Session() session: Session, @Res() res: Raw) {
    session.set('note', 'x');
    const response = rawOf(res);
    response.strictContentLength = true;
    response.setHeader('Content-Length', 3);
    response.end('too long');
  }
  @Get('trailer') trailer(@Session() session: Session, @Res() res: Raw) {
    session.set('note', 'x');
    const response = rawOf(res);
    response.writeHead(200, { Trailer: 'X-Sum', 'Content-Length': 1 });
    response.end('x');
  }
  @Get('past') past(@Session() session: Session, @Res() res: Raw) {
    session.set('note', 'x');
    (ServerResponse.prototype.end as (text: string) => void).call(rawOf(res), 'past the gate');
  }
  @Get('callbacks') async callbacks(@Session() session: Session, @Res() res: Raw) {
    // Refused when it is saved: a session must not be renewed by a field that is too large with the others.
    session.set('note', 'x'.repeat(50));
    session.set('note2' as never, 'y'.repeat(50) as never);
    const response = rawOf(res);
    response.once('finish', () => seen.push('finish')).once('close', () => seen.push('close'));
    await new Promise<void>((resolve) => void response.write('x', () => resolve()));
    seen.push('write');
    if (!response.write('more')) await once(response, 'drain');
    seen.push('drain');
    await new Promise<void>((resolve) => void response.end('x', () => resolve()));
    seen.push('end');
    release();
  }
  @Get('afterwards/:id') afterwards(@Session() session: Session) {
    void Promise.resolve(once(process, 'gate-test' as never)).then(() => {
      try {
        session.set('note', 'too late');
      } catch (error) {
        seen.push((error as Error).message);
      }
    });
    return {};
  }
  @Post('in') in(@Session() session: Session) {
    session.signIn('alice');
    return {};
  }
  @Get('page') page(@Session() session: Session) {
    return { user: session.userId ?? null };
  }
  @Get('own') own(
    @Session() session: Session,
    @Res({ passthrough: true })
    res: {
      header(name: string, value: string): void;
    },
  ) {
    res.header('Cache-Control', 'private, max-age=60');
    return { user: session.userId ?? null };
  }
  @Get('open') open(@Req() _request: unknown) {
    return {};
  }
}

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

describe.each(PLATFORMS)('a response that is held back on %s', (platform) => {
  const redis = useRedis();
  const lines: string[] = [];
  let site: TestApp;
  beforeAll(async () => {
    site = await startApp(
      platform,
      { redis: redis.url, maxSessionBytes: 100, maxFieldBytes: 60 },
      {
        controllers: [Pages],
      },
    );
    Logger.overrideLogger({
      log: () => undefined,
      error: (message: string) => lines.push(message),
      warn: (message: string) => lines.push(message),
    });
  });
  beforeEach(() => {
    seen = [];
    lines.length = 0;
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await site.app.close();
  });

  it.each([
    ['status', 'ERR_HTTP_INVALID_STATUS_CODE'],
    ['message', 'ERR_INVALID_CHAR'],
    ['value', 'ERR_INVALID_CHAR'],
    ['missing', 'ERR_HTTP_INVALID_HEADER_VALUE'],
    ['name', 'ERR_INVALID_HTTP_TOKEN'],
    ['list', 'ERR_INVALID_CHAR'],
    ['chunk', 'ERR_INVALID_ARG_TYPE'],
    ['proxy', 'ERR_INVALID_ARG_TYPE'],
    ['null', 'ERR_STREAM_NULL_VALUES'],
    ['end', 'ERR_INVALID_ARG_TYPE'],
    ['encoding', 'ERR_UNKNOWN_ENCODING'],
    ['implicit', 'ERR_HTTP_INVALID_STATUS_CODE'],
  ])('throws into the handler what Node throws (%s: %s)', async (act, code) => {
    const response = await fetch(`${site.url}/throws?do=${act}`);
    expect([response.status, await response.text()]).toEqual([500, 'caught']);
    expect(seen).toEqual([code]);
    expect(cookieOf(response)).not.toBe('');
  });

  it.each(['twice', 'late'])('has a head that is fixed once it is given (%s)', async (act) => {
    const response = await fetch(`${site.url}/throws?do=${act}`);
    expect(response.status).toBe(200);
    expect(seen).toEqual(['ERR_HTTP_HEADERS_SENT']);
  });

  it('answers a redirect to any URL, and the next request', async () => {
    const response = await fetch(`${site.url}/away?to=/%E2%82%AC`, { redirect: 'manual' });
    expect([302, 500]).toContain(response.status);
    expect((await fetch(`${site.url}/open`)).status).toBe(200);
  });

  it('keeps headers that come after a message that is undefined', async () => {
    const response = await fetch(`${site.url}/undefined-message`);
    expect([response.status, response.headers.get('x-own')]).toEqual([201, '1']);
    expect(cookieOf(response)).not.toBe('');
  });

  it('says that it has begun and ended, and takes no status and no chunk after that', async () => {
    const response = await fetch(`${site.url}/later-status`);
    expect([response.status, await response.text()]).toEqual([200, 'body']);
    expect(seen).toEqual([true, false, false, true, false, 'ERR_STREAM_WRITE_AFTER_END']);
  });

  it('ends the connection where Node finds out late, and logs one line', async () => {
    await expect(fetch(`${site.url}/length`).then((response) => response.text())).rejects.toThrow(
      /fetch failed|terminated/,
    );
    expect(lines).toEqual([expect.stringContaining('GET /length (Pages.length)')]);
    expect((await fetch(`${site.url}/open`)).status).toBe(200);
  });

  it('is a 500 with the cookie where Node finds out late and no byte has left', async () => {
    const response = await fetch(`${site.url}/trailer`);
    expect([response.status, await response.json()]).toEqual([
      500,
      { statusCode: 500, message: 'Internal server error' },
    ]);
    expect(cookieOf(response)).not.toBe('');
    expect(lines).toEqual([expect.stringContaining('ERR_HTTP_TRAILER_INVALID')]);
  });

  it('is an empty 500, and reported by its route, when something sends it past the gate', async () => {
    const response = await fetch(`${site.url}/past`);
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(lines).toEqual([expect.stringContaining('The response to GET /past (Pages.past) was')]);
  });

  it('lets its handler come to its end when another answer takes its place', async () => {
    const done = new Promise<void>((resolve) => (release = resolve));
    const response = await fetch(`${site.url}/callbacks`);
    expect(response.status).toBe(413);
    await done;
    expect(seen.toSorted()).toEqual(['close', 'drain', 'end', 'finish', 'write']);
  });

  it('names its route when the session is changed after it', async () => {
    await (await fetch(`${site.url}/afterwards/secret`)).text();
    process.emit('gate-test' as never);
    while (seen.length === 0) await wait(1);
    expect(seen[0]).toContain('the response to GET /afterwards/:id (Pages.afterwards) had begun');
  });

  describe('of a signed-in user', () => {
    let cookie: string;
    beforeAll(async () => {
      cookie = cookieOf(await fetch(`${site.url}/in`, { method: 'POST' }));
    });

    it.each(['GET', 'HEAD'])('is private and asked for again (%s)', async (method) => {
      const response = await fetch(`${site.url}/page`, { method, headers: { cookie } });
      expect(response.headers.get('cache-control')).toBe('private, no-cache');
    });

    it('keeps a Cache-Control of its own', async () => {
      const response = await fetch(`${site.url}/own`, { headers: { cookie } });
      expect(response.headers.get('cache-control')).toBe('private, max-age=60');
    });

    it('stays public for a guest, and where the session is not asked for', async () => {
      const guest = await fetch(`${site.url}/page`);
      const open = await fetch(`${site.url}/open`, { headers: { cookie } });
      expect([guest, open].map(({ headers }) => headers.get('cache-control'))).toEqual([
        null,
        null,
      ]);
    });

    if (platform === 'express') {
      it('is a 304 to a browser that has it', async () => {
        const first = await fetch(`${site.url}/page`, { headers: { cookie } });
        const etag = first.headers.get('etag')!;
        // fetch adds Cache-Control: no-cache to conditional requests, which asks for a whole answer.
        const headers = { cookie, 'if-none-match': etag, 'cache-control': 'max-age=0' };
        const second = await fetch(`${site.url}/page`, { headers });
        expect([second.status, second.headers.get('cache-control')]).toEqual([
          304,
          'private, no-cache',
        ]);
      });
    }
  });
});

describe.each(PLATFORMS)('a Secure cookie over plain HTTP on %s', (platform) => {
  const redis = useRedis();
  const lines: string[] = [];
  let site: TestApp;
  beforeAll(async () => {
    site = await startApp(
      platform,
      { redis: redis.url, cookie: { secure: true } },
      {
        controllers: [Pages],
      },
    );
    Logger.overrideLogger({
      log: () => undefined,
      error: () => undefined,
      warn: (message: string) => lines.push(message),
    });
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await site.app.close();
  });

  it('is warned of once, and not for this machine', async () => {
    const { port } = new URL(site.url);
    const { request } = await import('node:http');
    const signIn = async (host: string) => {
      const call = request({ port, method: 'POST', path: '/in', headers: { host } }).end();
      const [response] = (await once(call, 'response')) as [NodeJS.ReadableStream];
      response.resume();
      await once(response, 'end');
    };
    await signIn(`localhost:${port}`);
    expect(lines).toEqual([]);
    await signIn('shop.example');
    await signIn('shop.example');
    expect(lines).toEqual([expect.stringContaining('trust proxy')]);
  });
});

describe('the gate over HTTP/2', () => {
  const redis = useRedis();

  it('reads no status message, which HTTP/2 does not have', async () => {
    const warnings: string[] = [];
    const note = (warning: Error) => void warnings.push(warning.message);
    process.on('warning', note);
    @Module({ imports: [SessionModule.forRoot({ redis: redis.url })], controllers: [Pages] })
    class Site {}
    const adapter = new FastifyAdapter({ http2: true } as never);
    const app = await NestFactory.create(Site, adapter as never, { logger: false });
    await app.listen(0, '127.0.0.1');
    const client = connectHttp2(await app.getUrl());
    try {
      const stream = client.request({ ':method': 'POST', ':path': '/in' });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      expect([headers[':status'], headers['set-cookie']]).toEqual([201, [expect.any(String)]]);
    } finally {
      client.destroy();
      await app.close();
      process.off('warning', note);
    }
    expect(warnings).toEqual([]);
  });
});
