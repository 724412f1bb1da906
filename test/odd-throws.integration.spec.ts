import { Controller, Get, Injectable, Post, type ModuleMetadata, Res } from '@nestjs/common';
import { ServerResponse } from 'node:http';
import { filter } from 'rxjs';
import { Session } from 'nestjs-redis-session';
import { OnSessionEvent, SessionEvents, SessionEventsModule } from 'nestjs-redis-session/events';
import { idOfToken, type SessionToken } from '../libs/session/src/core/token.js';
import { Log } from './events/support/log.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

type Raw = ServerResponse & { raw?: ServerResponse };

/** What code of an application throws, and what the log has of it. */
const THROWN: Readonly<Record<string, readonly [thrown: () => unknown, text: string]>> = {
  nothing: [() => undefined, 'Error: undefined'],
  'a symbol': [() => Symbol('no'), 'Error: Symbol(no)'],
  'an object without a text': [
    () => Object.create(null) as unknown,
    'Error: something was thrown that cannot be read',
  ],
  'an error with a stack that throws': [
    () => Object.defineProperty(new Error('broken'), 'stack', { get: throwsAlways }),
    'Error: something was thrown that cannot be read',
  ],
  'a proxy that was revoked': [revoked, 'Error: something was thrown that cannot be read'],
};

function throwsAlways(): never {
  throw new Error('not to be read');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

let thrown: () => unknown = () => undefined;

function doThrow(): never {
  // oxlint-disable-next-line no-throw-literal -- It is what is tested.
  throw thrown();
}

@Injectable()
class Handlers {
  @OnSessionEvent('signed-in') throwing(): never {
    doThrow();
  }
  @OnSessionEvent('signed-in') async rejecting() {
    await Promise.resolve();
    doThrow();
  }
}

@Controller()
class Pages {
  @Post('unreadable') unreadable(@Session() session: Session) {
    // Is read when the session is saved.
    Object.defineProperty(session.get('lines')![0], 'sku', { enumerable: true, get: doThrow });
    return { ok: true };
  }
  @Get('past') past(@Session() session: Session, @Res() res: Raw) {
    Object.assign(session.get('lines')![0]!, { quantity: 10n });
    const response = res.raw ?? res;
    ServerResponse.prototype.writeHead.call(response, 200, { 'Content-Length': '4' });
    (ServerResponse.prototype.end as (text: string) => void).call(response, 'past');
  }
}

describe.each(PLATFORMS)('an application on %s', (platform) => {
  const redis = useRedis();
  const log = new Log();
  let site: TestApp;
  let visitor: Visitor;
  beforeAll(async () => {
    const metadata: ModuleMetadata = {
      imports: [SessionEventsModule.forRoot({})],
      controllers: [VisitorController, Pages],
      providers: [Handlers],
    };
    site = await startApp(platform, { redis: redis.url }, metadata, (app) => app.useLogger(log));
    const { all$ } = site.app.get(SessionEvents);
    const signIns$ = all$.pipe(filter(({ type }) => type === 'signed-in'));
    signIns$.subscribe(doThrow);
    signIns$.subscribe(async () => {
      await Promise.resolve();
      doThrow();
    });
  });
  afterAll(() => site?.app.close());
  beforeEach(async () => {
    thrown = () => new Error('before the test');
    visitor = new Visitor(site);
    await visitor.post('write', { note: 'x' });
    log.lines.length = 0;
  });

  it.each(Object.keys(THROWN))('goes on when a listener throws %s', async (name) => {
    const [value, text] = THROWN[name]!;
    thrown = value;
    await visitor.post(`sign-in?user=alice`);
    const id = idOfToken(visitor.jar.cookies.get('id') as SessionToken);
    const expected = [
      `Handlers.throwing() failed on "signed-in" of session ${id}: ${text}`,
      `Handlers.rejecting() failed on "signed-in" of session ${id}: ${text}`,
      `A subscriber of session events failed: ${text}`,
    ];
    await eventually('each is logged', async () =>
      expected.every((line) => log.lines.includes(line)),
    );
  });

  it.each(Object.keys(THROWN))(
    'answers 500 when a session cannot be saved for %s',
    async (name) => {
      const [value] = THROWN[name]!;
      thrown = value;
      const response = await visitor.post('unreadable');
      expect([response.status, await response.json()]).toEqual([
        500,
        { statusCode: 500, message: 'Internal server error', code: 'SESSION_STATE' },
      ]);
      expect(log.lines).toEqual(['Saving the session failed unexpectedly; see the log.']);
      expect(await (await visitor.get('read')).json()).toMatchObject({ note: 'x' });
    },
  );

  it('reports a response past the gate whose session cannot be stored', async () => {
    const response = await visitor.get('past');
    expect(await response.text()).toBe('past');
    await eventually('it is logged', async () => log.lines.length > 0);
    expect(log.lines).toEqual([
      expect.stringContaining('The response to GET /past (Pages.past) was'),
    ]);
  });
});
