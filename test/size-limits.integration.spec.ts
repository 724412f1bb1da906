import { Controller, Post, Query } from '@nestjs/common';
import { Session, SessionService } from 'nestjs-redis-session';
import { startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

@Controller()
class HoarderController {
  @Post('hoard') hoard(
    @Session() session: Session,
    @Query('field') field: string,
    @Query('bytes') bytes: string,
  ) {
    session.set(field as never, 'x'.repeat(Number(bytes) - 2) as never);
    return { ok: true };
  }
  @Post('throw-away') throwAway(@Session() session: Session, @Query('field') field: string) {
    session.delete(field as never);
    return { ok: true };
  }
}

describe('how much a session may hold', () => {
  const redis = useRedis();
  let site: TestApp;
  let visitor: Visitor;
  const hoard = (field: string, bytes: number) =>
    visitor.post(`hoard?field=${field}&bytes=${bytes}`);
  const start = async (limits = {}) => {
    const controllers = [VisitorController, HoarderController];
    site = await startApp('express', { redis: redis.url, ...limits }, { controllers });
    visitor = new Visitor(site);
  };
  afterEach(() => site.app.close());

  it('is 64 kB for a field, to the byte', async () => {
    await start();
    expect((await hoard('large', 65_536)).status).toBe(201);
    expect((await hoard('large', 65_537)).status).toBe(413);
  });

  it('is 256 kB for all fields with their names, to the byte', async () => {
    await start();
    for (const field of ['a', 'b', 'c']) expect((await hoard(field, 65_535)).status).toBe(201);
    expect((await hoard('d', 65_536)).status).toBe(413);
    expect((await hoard('d', 65_535)).status).toBe(201);
    expect((await hoard('e', 3)).status).toBe(413);
  });

  it('is what the options say; what was there before stays, and can be made smaller', async () => {
    await start();
    await hoard('a', 5000);
    await hoard('b', 5000);
    const { jar } = visitor;
    await site.app.close();
    await start({ maxFieldBytes: 100, maxSessionBytes: 200 });
    for (const [name, value] of jar.cookies) visitor.jar.cookies.set(name, value);
    expect((await hoard('c', 50)).status).toBe(413);
    expect((await visitor.post('throw-away?field=a')).status).toBe(201);
    expect((await hoard('b', 100)).status).toBe(201);
    expect((await hoard('c', 90)).status).toBe(201);
  });

  it('is said in an error that names the field, the size, the option and what to do', async () => {
    await start({ maxFieldBytes: 100 });
    await visitor.post('sign-in?user=alice');
    const sessions = site.app.get(SessionService);
    const [{ id } = { id: '' }] = await sessions.listByUser('alice');
    await expect(sessions.update(id, { note: 'ü'.repeat(60) })).rejects.toMatchObject({
      code: 'SESSION_TOO_LARGE',
      message:
        'The session field "note" cannot be stored: it takes 122 bytes, and 100 are allowed (maxFieldBytes). Keep it elsewhere and store its id.',
    });
    expect((await sessions.find(id))?.data).toEqual({});
  });
});
