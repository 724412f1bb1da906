import { type CanActivate, Controller, Get, Injectable, Post, UseGuards } from '@nestjs/common';
import { RequireFreshSignIn, Session, SessionGuard, SessionService } from 'nestjs-redis-session';
import { startApp, type TestApp } from './support/app.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

type Lines = { sku: string; quantity: number }[];

/** A guard of the application, which may look at any field. */
@Injectable()
class WriterGuard extends SessionGuard {
  protected override allows(session: Session): boolean {
    return session.has('note');
  }
}

@Injectable()
class EndingGuard implements CanActivate {
  constructor(private readonly sessions: SessionService) {}

  async canActivate(): Promise<boolean> {
    return (await this.sessions.revokeAllOfUser('alice')) > 0;
  }
}

@Controller()
class FieldsController {
  @Get('note') note(@Session('note') note: string | undefined) {
    return { note };
  }
  @Get('two') two(@Session('note') note: string, @Session('count') count: number) {
    return { note, count };
  }
  @Get('both') both(@Session('note') note: string, @Session() session: Session) {
    return { note, fields: session.fieldNames() };
  }
  @Get('guarded') @UseGuards(SessionGuard) guarded(@Session('note') note: string) {
    return { note };
  }
  @Get('fresh') @UseGuards(SessionGuard) @RequireFreshSignIn(60) fresh(
    @Session('note') note: string,
  ) {
    return { note };
  }
  @Get('their-guard') @UseGuards(SessionGuard, WriterGuard) theirs(
    @Session('count') count: number,
  ) {
    return { count };
  }
  @Get('ended') @UseGuards(SessionGuard, EndingGuard, WriterGuard) ended(
    @Session('note') note: string,
  ) {
    return { note };
  }
  @Get('lines') lines(@Session('lines') lines: Lines) {
    return lines;
  }
  @Post('alter') alter(@Session('lines') lines: Lines) {
    lines.push({ sku: 'x'.repeat(300), quantity: 1 });
    return { ok: true };
  }
}

describe('a handler that takes only fields of the session', () => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: Visitor;

  const start = async (options = {}) => {
    const controllers = [FieldsController, VisitorController];
    const providers = [WriterGuard, EndingGuard];
    const more = { redis: redis.url, ...options };
    site = await startApp('fastify', more, { controllers, providers });
    visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    await visitor.post('write', { note: 'a' });
    // The server learns the script.
    await visitor.get('note');
  };
  beforeEach(() => start());
  afterEach(() => site.app.close());

  const cost = async (path: string) => {
    let body: unknown;
    const commands = await commandsDuring(redis, async () => {
      body = await (await visitor.get(path)).json();
    });
    return { body, commands: commands.map(([name]) => name!.toLowerCase()) };
  };

  it('has these fetched, and none of the others', async () => {
    const commands = await commandsDuring(redis, () => visitor.get('note'));
    expect(commands).toHaveLength(1);
    const [name, , , key, ...fields] = commands[0]!;
    expect([name!.toLowerCase(), key!.split(':')[0]]).toEqual(['evalsha', 'session']);
    expect(fields.filter((field) => !field.startsWith('~')).slice(0, -1)).toEqual(['note']);
    expect(await (await visitor.get('note')).json()).toEqual({ note: 'a' });
  });

  it.each([
    ['two fields', 'two', { note: 'a', count: 1 }],
    ['a guard that lets in who is signed in', 'guarded', { note: 'a' }],
  ])('costs one command, also with %s', async (_, path, body) => {
    expect(await cost(path)).toEqual({ body, commands: ['evalsha'] });
  });

  it('costs one command and the clock where the sign-in must be fresh', async () => {
    expect(await cost('fresh')).toEqual({ body: { note: 'a' }, commands: ['evalsha', 'time'] });
  });

  it('has the whole fetched, at once, where another parameter takes the session', async () => {
    const fields = ['note', 'count', 'lines'];
    const { body, commands } = await cost('both');
    expect(commands).toEqual(['hgetall']);
    expect(body).toEqual({ note: 'a', fields: expect.arrayContaining(fields) });
  });

  it('has the rest fetched when somebody asks for more after all', async () => {
    expect(await cost('their-guard')).toEqual({
      body: { count: 1 },
      commands: ['evalsha', 'hgetall'],
    });
  });

  it('is a stranger to a visitor without a session, at no cost', async () => {
    visitor.jar.cookies.clear();
    expect(await cost('note')).toEqual({ body: {}, commands: [] });
    expect((await visitor.get('guarded')).status).toBe(401);
  });

  it('saves an object that was altered in place, and nothing else', async () => {
    const commands = await commandsDuring(redis, () => visitor.post('alter'));
    expect(commands.map(([name]) => name!.toLowerCase())).toEqual([
      'evalsha',
      'hgetall',
      'evalsha',
    ]);
    expect(commands[2]!.join(' ')).toContain('lines');
    expect(commands[2]!.join(' ')).not.toContain('note');
    expect(await (await visitor.get('lines')).json()).toHaveLength(2);
    expect(await (await visitor.get('note')).json()).toEqual({ note: 'a' });
  });

  it('holds the whole session to its size, of which it saw a part', async () => {
    await site.app.close();
    await redis.client.flushall();
    await start({ maxSessionBytes: 500, maxFieldBytes: 500 });
    expect((await visitor.post('alter')).status).toBe(201);
    expect((await visitor.post('alter')).status).toBe(413);
  });

  it('is refused with 401 when the session ends between two looks at it', async () => {
    const response = await visitor.get('ended');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'SESSION_GONE' });
  });
});
