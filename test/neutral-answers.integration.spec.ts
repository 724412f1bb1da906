import { Controller, Get, type LoggerService, Post } from '@nestjs/common';
import { Session, SessionService } from 'nestjs-redis-session';
import { logRefusalsNow } from '../libs/session/src/http/refused-requests.js';
import { useRedis } from './support/redis.js';
import { type Platform, PLATFORMS, startApp, type TestApp } from './support/app.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { startLiveSite, type LiveSite, openTab } from './websockets/support/live-site.js';
import { type LiveClient, TRANSPORTS } from './websockets/support/live-client.js';

const NEUTRAL = {
  statusCode: 503,
  message: 'Sessions are not available at the moment. Try again shortly.',
  code: 'SESSION_STORE',
};
/** What only who runs the site should read. */
const INTERNAL = /NOPERM|OOM|ERR|READONLY|storeTimeoutMs|Redis|script|permission/;

@Controller()
class Devices {
  constructor(private readonly sessions: SessionService) {}
  @Get('by-service') list() {
    return this.sessions.listByUser('alice');
  }
  @Post('limited') limited(@Session() session: Session) {
    session.signIn('limited');
  }
}

class Lines implements LoggerService {
  readonly lines: string[] = [];
  log = (): void => undefined;
  error = (...said: unknown[]): void => void this.lines.push(said.join(' '));
  warn = this.error;
}

const REFUSALS: Record<string, readonly string[]> = {
  'no scripts': ['on', '>pw', '~*', '&*', '+@all', '-evalsha', '-eval'],
  'no reads': ['on', '>pw', '~*', '&*', '+@all', '-hgetall', '-evalsha', '-eval'],
  'no keys': ['on', '>pw', '~other:*', '&*', '+@all'],
};

describe.each(Object.keys(REFUSALS))('a Redis user with %s', (name) => {
  const redis = useRedis();
  const log = new Lines();
  const sites = {} as Record<Platform, TestApp>;
  beforeAll(async () => {
    await redis.client.call('ACL', 'SETUSER', 'weak', ...REFUSALS[name]!);
    const url = `redis://weak:pw@${new URL(redis.url).host}`;
    for (const platform of PLATFORMS) {
      const options = { redis: url, examineAtStart: false };
      const controllers = [VisitorController, Devices];
      sites[platform] = await startApp(platform, options, { controllers }, (app) =>
        app.useLogger(log),
      );
    }
  });
  afterAll(() => Promise.all(Object.values(sites).map(({ app }) => app.close())));

  it.each(PLATFORMS)('is not told of to visitors on %s, and is in the log', async (platform) => {
    const visitor = new Visitor(sites[platform]);
    const asks = [
      () => visitor.post('sign-in?user=alice'),
      () => visitor.post('write', { note: 'x' }),
    ];
    // Each reason has a line of its own once in a while.
    logRefusalsNow();
    log.lines.length = 0;
    for (const ask of asks) {
      const response = await ask();
      expect(response.headers.get('retry-after')).toBe('1');
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual(NEUTRAL);
    }
    expect(log.lines.join('\n')).toMatch(/NOPERM/);
    const byService = await visitor.get('by-service');
    expect(byService.status).toBe(503);
    expect(await byService.text()).not.toMatch(INTERNAL);
  });
});

describe('other answers', () => {
  const redis = useRedis();
  let site: TestApp;
  beforeAll(async () => {
    const maxSessionsPerUser = { limit: 1, whenReached: 'refuse' } as const;
    const options = { redis: redis.url, maxSessionsPerUser };
    site = await startApp('express', options, { controllers: [Devices, VisitorController] });
  });
  afterAll(() => site?.app.close());

  it('of a limit name no option', async () => {
    await new Visitor(site).post('limited');
    const refused = await new Visitor(site).post('limited');
    const body = (await refused.json()) as { message: string };
    expect(body).toMatchObject({ statusCode: 403, code: 'SESSION_LIMIT' });
    expect(body.message).not.toMatch(/maxSessionsPerUser/);
  });

  it('of a full memory say nothing about it', async () => {
    await redis.client.config('SET', 'maxmemory', '1');
    const response = await new Visitor(site).post('write', { note: 'x' });
    await redis.client.config('SET', 'maxmemory', '0');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual(NEUTRAL);
  });
});

describe.each(TRANSPORTS)('sockets of %s', (transport) => {
  const redis = useRedis();
  let site: LiveSite;
  let tab: LiveClient;
  beforeAll(async () => {
    site = await startLiveSite('express', transport, { redis: redis.url });
    const visitor = new Visitor(site);
    await visitor.post('sign-in?user=alice');
    tab = await openTab(site, visitor);
  });
  afterAll(async () => {
    tab?.close();
    await site?.app.close();
  });

  it('are told one sentence, and the log is told why', async () => {
    logRefusalsNow();
    await redis.client.config('SET', 'maxmemory', '1');
    const [message] = await tab.ask('write', 'x');
    await redis.client.config('SET', 'maxmemory', '0');
    expect(message).toEqual({ event: 'exception', data: NEUTRAL });
    expect(site.log.matching(/OOM/)).toHaveLength(1);
  });
});
