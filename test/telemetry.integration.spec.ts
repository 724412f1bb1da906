import { Controller, Get, Post, Query } from '@nestjs/common';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Session, SessionService } from 'nestjs-redis-session';
import { createToken } from '../libs/session/src/core/token.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { Telemetry } from './support/telemetry.js';
import { Visitor, VisitorController } from './support/visitor.js';

const RESULT = 'nestjs_redis_session.result';
const CONFLICTS = 'nestjs_redis_session.save.conflicts';
const OF = 'nestjs_redis_session.revoke.of';

const redis = useRedis({ settings: { appendonly: 'no', save: '' } });
let telemetry: Telemetry;
beforeAll(() => {
  telemetry = new Telemetry();
});
afterAll(() => telemetry.close());

@Controller()
class TracedController {
  constructor(private readonly sessions: SessionService) {}

  @Post('contested') async contested(@Session() session: Session) {
    session.update('count', (count = 0) => count + 1);
    // Somebody else writes the field between this handler and its commit.
    await this.sessions.update(session.id!, { count: 41 });
    return {};
  }

  @Get('count') count(@Session('count') count: number | undefined) {
    return { count };
  }

  /** Looks at its session once more, within a span of the application's own. */
  @Get('own-span') async ownSpan(@Session() session: Session, @Query('n') n: string) {
    const span = telemetry.tracer.startSpan(`own ${n}`);
    await context.with(trace.setSpan(context.active(), span), async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await this.sessions.find(session.id!);
    });
    span.end();
    return {};
  }
}

describe.each(PLATFORMS)('telemetry on %s', (platform) => {
  let site: TestApp;
  let visitor: Visitor;

  /** The commands, and what they are under, of one request; its answer comes before its spans are over. */
  const pathsOf = async (ask: () => Promise<unknown>): Promise<string[]> => {
    await telemetry.reset();
    await ask();
    await telemetry.settle();
    return telemetry.paths;
  };
  const attributesOf = (name: string) => telemetry.named(name).map(({ attributes }) => attributes);
  const startSite = (touchIntervalSeconds: number) =>
    startApp(
      platform,
      { redis: redis.url, touchIntervalSeconds, storeTimeoutMs: 20_000, keyPrefix: `${platform}:` },
      { controllers: [VisitorController, TracedController] },
      telemetry.traceRequests,
    );

  beforeAll(async () => {
    site = await startSite(60);
    // Redis learns the scripts once, which takes longer.
    const first = new Visitor(site);
    for (const path of ['write', 'write', 'sign-in?user=alice', 'renew', 'sign-out']) {
      await first.post(path, { note: 'a' });
    }
    await first.delete('users/alice');
  });
  afterAll(() => site.app.close());
  beforeEach(async () => {
    visitor = new Visitor(site);
    await telemetry.reset();
  });

  it('tells nothing of a request that does not ask for its session', async () => {
    expect(await pathsOf(() => visitor.get('public'))).toEqual(['GET /public']);
    expect(await telemetry.metrics()).toEqual([]);
  });

  it('tells of a stranger, who costs no command', async () => {
    expect(await pathsOf(() => visitor.get('read'))).toEqual([
      'GET /read',
      'GET /read > session load',
    ]);
    expect(attributesOf('session load')).toEqual([{ [RESULT]: 'none' }]);
  });

  it('tells of a token that names nothing', async () => {
    visitor.jar.cookies.set('id', createToken());
    expect(await pathsOf(() => visitor.get('read'))).toEqual([
      'GET /read',
      'GET /read > session load',
      'GET /read > session load > EVALSHA absence',
      'GET /read > session load > HGETALL',
    ]);
    expect(attributesOf('session load')).toEqual([{ [RESULT]: 'unknown' }]);
  });

  it('tells of a session that was read', async () => {
    await visitor.post('sign-in?user=alice');
    expect(await pathsOf(() => visitor.get('read'))).toEqual([
      'GET /read',
      'GET /read > session load',
      'GET /read > session load > HGETALL',
    ]);
    expect(attributesOf('session load')).toEqual([{ [RESULT]: 'found' }]);
  });

  it.each<[path: string, before: string[], result: string, script: string]>([
    ['write', [], 'created', 'create'],
    ['write', ['write'], 'changed', 'commit'],
    ['renew', ['sign-in?user=alice'], 'renewed', 'renew'],
    ['sign-out', ['sign-in?user=alice'], 'destroyed', 'revoke'],
  ])('tells of %s after %j: %s', async (path, before, result, script) => {
    for (const earlier of before) await visitor.post(earlier, { note: 'a' });
    const paths = await pathsOf(() => visitor.post(path, { note: 'b' }));
    expect(paths.filter((one) => one.includes('save'))).toEqual([
      `POST /${path} > session save`,
      `POST /${path} > session save > EVALSHA ${script}`,
    ]);
    expect(attributesOf('session save')).toEqual([{ [RESULT]: result, [CONFLICTS]: 0 }]);
    for (const act of ['save', 'hold']) {
      const name = `nestjs_redis_session.${act}.duration`;
      expect(await telemetry.counts(name)).toEqual([[{ [RESULT]: result }, 1]]);
    }
  });

  it('tells of a sign-out everywhere, and of the requests that come after it', async () => {
    await visitor.post('sign-in?user=bob');
    const paths = await pathsOf(() => new Visitor(site).delete('users/bob'));
    expect(paths).toEqual([
      'DELETE /users/bob',
      'DELETE /users/bob > session revoke',
      'DELETE /users/bob > session revoke > EVALSHA page',
      'DELETE /users/bob > session revoke > EVALSHA revoke',
      'DELETE /users/bob > session revoke > EVALSHA void',
    ]);
    expect(await telemetry.counts('nestjs_redis_session.revoke.sessions')).toEqual([
      [{ [OF]: 'user' }, 1],
    ]);
    await visitor.get('read');
    await telemetry.settle();
    expect(attributesOf('session load')).toEqual([{ [RESULT]: 'revoked' }]);
  });

  it('describes commands by the semantic conventions', async () => {
    await visitor.post('write', { note: 'a' });
    await pathsOf(() => visitor.post('write', { note: 'b' }));
    const server = {
      'db.system.name': 'redis',
      'db.namespace': '0',
      'server.address': new URL(redis.url).hostname,
      'server.port': Number(new URL(redis.url).port || 6379),
    };
    const read = { ...server, 'db.operation.name': 'HGETALL' };
    const commit = {
      ...server,
      'db.operation.name': 'EVALSHA',
      'db.stored_procedure.name': 'commit',
    };
    expect(attributesOf('HGETALL')).toEqual([read]);
    expect(attributesOf('EVALSHA commit')).toEqual([commit]);
    expect(telemetry.named('HGETALL')[0]).toMatchObject({
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
    });
    expect(await telemetry.counts('db.client.operation.duration')).toEqual([
      [read, 1],
      [commit, 1],
    ]);
  });

  it('counts a conflict, after which the update ran again', async () => {
    await visitor.post('write', { note: 'a' });
    const paths = await pathsOf(() => visitor.post('contested'));
    expect(paths.filter((path) => path.endsWith('EVALSHA commit'))).toHaveLength(3);
    expect(attributesOf('session save')).toEqual([
      { [RESULT]: 'changed', [CONFLICTS]: 0 },
      { [RESULT]: 'changed', [CONFLICTS]: 1 },
    ]);
    expect(await telemetry.counts(CONFLICTS)).toEqual([[{}, 1]]);
    expect(await (await visitor.get('count')).json()).toEqual({ count: 42 });
  });

  it('has spans below the right parents, however many requests there are at once', async () => {
    await visitor.post('sign-in?user=carol');
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const paths = await pathsOf(() =>
      Promise.all(numbers.map((n) => visitor.get(`own-span?n=${n}`))),
    );
    const expected = numbers.flatMap((n) => {
      const request = `GET /own-span?n=${n}`;
      const below = ['', ' > session load', ' > session load > HGETALL'];
      return [...below, ` > own ${n}`, ` > own ${n} > HGETALL`].map((path) => request + path);
    });
    expect(paths).toEqual(expected.toSorted());
  });

  it('gives a touch a trace of its own, which says what it was begun by', async () => {
    const eager = await startSite(0);
    const guest = new Visitor(eager);
    await guest.post('write', { note: 'a' });
    await guest.get('read');
    await eventually('the session is touched', async () => (await touched()) === 1);
    await telemetry.settle();
    await eager.app.close();
    expect(telemetry.paths).toContain('session touch > EVALSHA touch');
    const load = telemetry.named('session load').at(-1);
    const [touch] = telemetry.named('session touch');
    expect(touch!.links.map((link) => link.context)).toEqual([load!.spanContext()]);
    expect(touch!.spanContext().traceId).not.toBe(load!.spanContext().traceId);
    expect(touch!.attributes).toEqual({ [RESULT]: 'kept' });
  });
  const touched = async () => {
    const [[, count] = [{}, 0]] = await telemetry.counts('nestjs_redis_session.touch.duration');
    return count;
  };
});
