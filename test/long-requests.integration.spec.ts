import { Controller, Get, Post, Res, UseGuards } from '@nestjs/common';
import { Session, SessionGuard, SessionService } from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

// A session ends two seconds after its last request, and is kept alive each half second: a busy machine may be a second late.
const BRIEF = { idleTimeoutSeconds: 1, touchIntervalSeconds: 1, storeTimeoutMs: 10_000 };

/** What requests wait for, until a test lets them go on. */
let letGo: () => void;
let released: Promise<void>;
const hold = () => (released = new Promise((resolve) => (letGo = resolve)));

interface Raw {
  write(text: string): void;
  end(): void;
  setHeader(name: string, value: string): void;
}
const rawOf = (response: { raw?: Raw; hijack?(): void } & Partial<Raw>): Raw => {
  response.hijack?.();
  return response.raw ?? (response as Raw);
};

@Controller('long')
class LongController {
  @Post('upload') @UseGuards(SessionGuard) async upload(@Session() session: Session) {
    await released;
    session.set('note', 'stored');
    return { ok: true };
  }
  @Post('unasked') async unasked() {
    await released;
    return { ok: true };
  }
  @Get('download') @UseGuards(SessionGuard) async download(@Res() response: object) {
    const raw = rawOf(response);
    raw.write('a row\n');
    await released;
    raw.end();
  }
  @Get('stream') @UseGuards(SessionGuard) async stream(@Res() response: object) {
    const raw = rawOf(response);
    raw.setHeader('Content-Type', 'text/event-stream');
    raw.write(': open\n\n');
    await released;
    raw.end();
  }
}

describe.each(PLATFORMS)('a request on %s that takes longer than the idle timeout', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  beforeAll(async () => {
    const controllers = [VisitorController, LongController];
    site = await startApp(platform, { redis: redis.url, ...BRIEF }, { controllers });
  });
  afterAll(() => site?.app.close());
  beforeEach(() => void hold());
  afterEach(async () => {
    letGo();
    await redis.client.flushall();
  });

  const signIn = async (user: string) => {
    const visitor = new Visitor(site);
    await visitor.post(`sign-in?user=${user}`);
    return visitor;
  };
  const devicesOf = (user: string) => site.app.get(SessionService).listByUser(user);
  /** A session that nobody uses has ended by then, and begins after the request, so the request is older than that. */
  const idleTimeouts = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await signIn(`idle ${i}`);
      await eventually(
        'a session expires',
        async () => (await devicesOf(`idle ${i}`)).length === 0,
      );
    }
  };

  it.each(['upload', 'unasked'])('keeps its session until its answer: %s', async (path) => {
    const visitor = await signIn('ana');
    const upload = visitor.post(`long/${path}`);
    await idleTimeouts(2);
    letGo();
    expect((await upload).status).toBe(201);
    expect((await visitor.get('private')).status).toBe(200);
  });

  it('keeps it until the last byte of a download', async () => {
    const visitor = await signIn('ana');
    const download = await visitor.get('long/download');
    await idleTimeouts(2);
    letGo();
    expect(await download.text()).toBe('a row\n');
    expect((await visitor.get('private')).status).toBe(200);
  });

  it('does not bring back a session that was ended meanwhile', async () => {
    const visitor = await signIn('ana');
    const upload = visitor.post('long/upload');
    await eventually('it is under way', async () => (await devicesOf('ana')).length === 1);
    const [device] = await devicesOf('ana');
    await idleTimeouts(1);
    await site.app.get(SessionService).revoke(device!.id);
    await idleTimeouts(1);
    letGo();
    expect((await upload).status).toBe(401);
    expect(await redis.client.keys('session:*')).toEqual([]);
  });

  it('does not keep it if it is an event stream, which is open without its visitor', async () => {
    const visitor = await signIn('ana');
    const stream = await visitor.get('long/stream');
    expect(stream.status).toBe(200);
    await eventually('it ends', async () => (await devicesOf('ana')).length === 0);
    letGo();
    await stream.text();
  });

  it('costs no command once it has been answered, or if nobody is named', async () => {
    await (await signIn('ana')).get('private');
    const [{ id } = { id: '' }] = await devicesOf('ana');
    const stranger = new Visitor(site).post('long/unasked');
    const commands = await commandsDuring(redis, () => idleTimeouts(2));
    expect(commands.filter((args) => args.some((arg) => arg.includes(id)))).toEqual([]);
    letGo();
    expect((await stranger).status).toBe(201);
  });
});
