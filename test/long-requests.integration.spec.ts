import { Controller, Get, Post, Res, UseGuards } from '@nestjs/common';
import { Session, SessionGuard, SessionService } from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { commandsDuring, useRedis } from './support/redis.js';
import { rawOf } from './support/raw-response.js';
import { Visitor, VisitorController } from './support/visitor.js';

// A session ends two seconds after its last request, and is kept alive each half second: a busy machine may be a second late.
const BRIEF = { idleTimeoutSeconds: 1, touchIntervalSeconds: 1, storeTimeoutMs: 10_000 };

/** What requests wait for, until a test lets them go on. */
let letGo: () => void;
let released: Promise<void>;
const hold = () => (released = new Promise((resolve) => (letGo = resolve)));

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
  const signIn = async (user: string) => {
    const visitor = new Visitor(site);
    await visitor.post(`sign-in?user=${user}`);
    return visitor;
  };
  const devicesOf = (user: string) => site.app.get(SessionService).listByUser(user);
  /** A session that nobody uses has ended by then, and begins after the requests, so they are older than that. */
  const idleTimeout = async () => {
    await signIn('idle');
    await eventually('a session expires', async () => (await devicesOf('idle')).length === 0);
  };
  const open = async (user: string, ask: (visitor: Visitor) => Promise<Response>) => {
    const visitor = await signIn(user);
    return { visitor, response: ask(visitor), id: (await devicesOf(user))[0]!.id };
  };
  type Open = Awaited<ReturnType<typeof open>>;

  // All of them wait for the same two timeouts.
  let [upload, unasked, download, stream, revoked, answered]: Open[] = [];
  let commands: string[][];
  let streamDevices: unknown[];
  beforeAll(async () => {
    const controllers = [VisitorController, LongController];
    site = await startApp(platform, { redis: redis.url, ...BRIEF }, { controllers });
    hold();
    upload = await open('upload', (visitor) => visitor.post('long/upload'));
    unasked = await open('unasked', (visitor) => visitor.post('long/unasked'));
    download = await open('download', (visitor) => visitor.get('long/download'));
    stream = await open('stream', (visitor) => visitor.get('long/stream'));
    revoked = await open('revoked', (visitor) => visitor.post('long/upload'));
    answered = await open('answered', (visitor) => visitor.get('private'));
    await Promise.all([download.response, stream.response, answered.response]);
    const stranger = new Visitor(site).post('long/unasked');
    commands = await commandsDuring(redis, async () => {
      await idleTimeout();
      await site.app.get(SessionService).revoke(revoked!.id);
      await idleTimeout();
    });
    streamDevices = await devicesOf('stream');
    letGo();
    await stranger;
  });
  afterAll(async () => {
    letGo();
    await site?.app.close();
  });

  it.each([
    ['that has asked for it', () => upload!],
    ['that has not', () => unasked!],
  ])('keeps its session until its answer: one %s', async (_, asked) => {
    const { visitor, response } = asked();
    expect((await response).status).toBe(201);
    expect((await visitor.get('private')).status).toBe(200);
  });

  it('keeps it until the last byte of a download', async () => {
    const { visitor, response } = download!;
    expect(await (await response).text()).toBe('a row\n');
    expect((await visitor.get('private')).status).toBe(200);
  });

  it('does not bring back a session that was ended meanwhile', async () => {
    const { response, id } = revoked!;
    expect((await response).status).toBe(401);
    expect(await redis.client.keys(`session:*${id}`)).toEqual([]);
  });

  it('does not keep it if it is an event stream, which is open without its visitor', async () => {
    const { response } = stream!;
    expect((await response).status).toBe(200);
    await (await response).text();
    expect(streamDevices).toEqual([]);
  });

  it('costs no command once it has been answered, or if nobody is named', () => {
    const { id } = answered!;
    expect(commands.filter((args) => args.some((arg) => arg.includes(id)))).toEqual([]);
    expect(commands.some((args) => args.some((arg) => arg.includes(upload!.id)))).toBe(true);
  });
});
