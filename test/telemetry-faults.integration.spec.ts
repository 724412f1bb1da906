import { Controller, Post } from '@nestjs/common';
import { SpanStatusCode } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { Session, SessionService } from 'nestjs-redis-session';
import { launchRedis, type RedisServer } from '../redis-server/launch.js';
import { startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { Telemetry } from './support/telemetry.js';
import { Visitor, VisitorController } from './support/visitor.js';

const LOADS = 'nestjs_redis_session.load.duration';
const SAVES = 'nestjs_redis_session.save.duration';
const COMMANDS = 'db.client.operation.duration';

let telemetry: Telemetry;
let server: RedisServer;
beforeAll(async () => {
  telemetry = new Telemetry();
  server = await launchRedis();
});
afterAll(async () => {
  await telemetry.close();
  await server.stop();
});

@Controller()
class LateController {
  constructor(private readonly sessions: SessionService) {}

  /** Somebody else ends the session before this commits. */
  @Post('late') async late(@Session() session: Session) {
    session.set('note', 'late');
    await this.sessions.revoke(session.id!);
    return {};
  }

  /** There is no replica. */
  @Post('unsafe') unsafe(@Session() session: Session) {
    session.signIn('olga', { durable: 'replica' });
    return {};
  }
}

describe('telemetry of what fails', () => {
  let site: TestApp;
  let visitor: Visitor;
  beforeAll(async () => {
    const options = { redis: server.url, storeTimeoutMs: 1000, durableTimeoutMs: 100 };
    const metadata = { controllers: [VisitorController, LateController] };
    site = await startApp('express', options, metadata, telemetry.traceRequests);
    visitor = new Visitor(site);
    await eventually('Redis has been reached', async () => {
      return (await visitor.post('sign-in?user=alice')).ok;
    });
  });
  afterAll(() => site.app.close());
  beforeEach(() => telemetry.reset());

  const errorsOf = async (name: string) =>
    (await telemetry.counts(name)).flatMap(([attributes]) =>
      'error.type' in attributes ? [attributes['error.type']] : [],
    );

  it('has the code of what Redis refused', async () => {
    const operator = new Redis(server.url);
    await operator.config('SET', 'min-replicas-to-write', '1');
    const response = await visitor.post('write', { note: 'a' });
    await operator.config('SET', 'min-replicas-to-write', '0');
    operator.disconnect();
    await telemetry.settle();

    expect(response.status).toBe(503);
    const [command] = telemetry.named('EVALSHA commit');
    expect(command).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'NOREPLICAS', 'db.response.status_code': 'NOREPLICAS' },
    });
    const [save] = telemetry.named('session save');
    expect(save).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'SESSION_STORE' },
    });
    expect(telemetry.named('HGETALL')[0]!.status.code).toBe(SpanStatusCode.UNSET);
    expect(await errorsOf(COMMANDS)).toEqual(['NOREPLICAS']);
    expect(await errorsOf(SAVES)).toEqual(['SESSION_STORE']);
    expect(await errorsOf('nestjs_redis_session.hold.duration')).toEqual(['SESSION_STORE']);
  });

  it('has what Redis did not answer, and what was not even sent for that reason', async () => {
    await server.freeze();
    const asked = await Promise.all(Array.from({ length: 5 }, () => visitor.get('read')));
    // Redis rests for a moment, in which nothing is sent; a slow machine may miss the first one.
    await eventually('a request comes while Redis rests', async () => {
      asked.push(await visitor.get('read'));
      return telemetry.named('redis').length > 0;
    });
    await server.thaw();
    await telemetry.settle();

    expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([503]));
    const loads = telemetry.named('session load');
    expect(loads).toHaveLength(asked.length);
    expect(new Set(loads.map(({ status }) => status.code))).toEqual(
      new Set([SpanStatusCode.ERROR]),
    );
    expect(telemetry.named('HGETALL')[0]!.attributes['error.type']).toBe('timeout');
    const [unsent] = telemetry.named('redis');
    expect(unsent!.attributes['error.type']).toBe('resting');
    expect(unsent!.attributes).not.toHaveProperty('db.operation.name');
    expect(telemetry.paths).toContain('GET /read > session load > redis');
    expect(await errorsOf(LOADS)).toEqual(['SESSION_STORE']);
    expect((await errorsOf(COMMANDS)).toSorted()).toEqual(['resting', 'timeout']);
    await eventually('Redis is asked again', async () => (await visitor.get('read')).ok);
  });

  it('has what was carried out, and is not as durable as was asked for', async () => {
    expect((await new Visitor(site).post('unsafe')).status).toBe(503);
    await telemetry.settle();
    const [create] = telemetry.named('EVALSHA create');
    expect(create!.attributes['error.type']).toBe('not_durable');
    expect(create!.attributes).not.toHaveProperty('db.response.status_code');
  });

  it('has the code of a commit that came too late', async () => {
    const late = new Visitor(site);
    await late.post('sign-in?user=olga');
    await telemetry.reset();
    expect((await late.post('late')).status).toBe(401);
    await telemetry.settle();
    expect(telemetry.named('session save')[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'SESSION_GONE' },
    });
    expect(await errorsOf(SAVES)).toEqual(['SESSION_GONE']);
  });
});
