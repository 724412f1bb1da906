import { Controller, Injectable, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SessionModule, SessionService } from 'nestjs-redis-session';
import {
  OnSessionEvent,
  type SessionEvent,
  SessionEvents,
  SessionEventsModule,
  type SessionEventOf,
  type SessionEventsOptions,
} from 'nestjs-redis-session/events';
import {
  InMemorySessionRepository,
  SessionRepository,
  signInForTest,
} from 'nestjs-redis-session/testing';
import { useRedis } from '../support/redis.js';
import { Visitor } from '../support/visitor.js';
import { heardBy, startListeningSite } from './support/listening-site.js';
import { useCleanup } from '../support/cleanup.js';

const defer = useCleanup();

@Injectable()
class Base {
  readonly inherited: SessionEvent[] = [];
  @OnSessionEvent('signed-in') onSignIn(event: SessionEventOf<'signed-in'>) {
    this.inherited.push(event);
  }
}

@Injectable()
class Handlers extends Base {
  readonly all: SessionEvent[] = [];
  readonly ends: string[] = [];
  release: () => void = () => undefined;

  @OnSessionEvent('*') throwing(): never {
    throw new Error('no mail today');
  }
  @OnSessionEvent('*') async rejecting() {
    await Promise.reject(new Error('no mail tomorrow'));
  }
  @OnSessionEvent('*') stuck() {
    return new Promise<void>((resolve) => (this.release = resolve));
  }
  @OnSessionEvent('*') everything(event: SessionEvent) {
    this.all.push(event);
  }
  @OnSessionEvent('revoked')
  @OnSessionEvent(['signed-out', 'renewed'])
  ended(event: SessionEventOf<'revoked' | 'signed-out' | 'renewed'>) {
    this.ends.push(event.type);
  }
}

describe('methods with @OnSessionEvent()', () => {
  const redis = useRedis();

  it('are called with their events, whatever others throw or wait for, which is logged', async () => {
    const providers = [Handlers, { provide: 'ALIAS', useExisting: Handlers }];
    const site = await startListeningSite('express', { redis: redis.url }, {}, { providers });
    defer(() => site.app.close());
    const handlers = site.app.get(Handlers);
    const visitor = new Visitor(site);
    const events = await heardBy([site], async () => {
      for (const path of ['sign-in?user=alice', 'renew', 'sign-out']) await visitor.post(path);
    });
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'renewed', 'signed-out']);
    const ofAlice = ({ userId }: SessionEvent) => userId === 'alice';
    expect(handlers.all.filter(ofAlice)).toEqual(events);
    expect(handlers.inherited.filter(ofAlice)).toEqual([events[0]]);
    expect(handlers.ends).toEqual(['renewed', 'signed-out']);
    const { sessionId } = events[0]!;
    for (const [method, why] of [
      ['throwing', 'no mail today'],
      ['rejecting', 'no mail tomorrow'],
    ]) {
      const line = `Handlers.${method}() failed on "signed-in" of session ${sessionId}: Error: ${why}`;
      expect(site.log.lines.filter((said) => said === line)).toHaveLength(1);
    }
    handlers.release();
  });
});

@Injectable({ scope: Scope.REQUEST })
class ForEachRequest {
  @OnSessionEvent('revoked') on() {}
}
@Controller()
class WantsExpiries {
  @OnSessionEvent(['revoked', 'expired']) on() {}
}
@Injectable()
class WantsGroup {
  @OnSessionEvent('revoked', { group: 'audit' }) on() {}
}
@Injectable()
class WantsExpiriesInGroup {
  @OnSessionEvent('expired', { group: 'audit' }) on() {}
}

const appOf = async (options: object, Provider?: new () => object) => {
  const module = await Test.createTestingModule({
    imports: [
      SessionModule.forRoot({ redis: 'redis://127.0.0.1:1', cookie: { secure: false } }),
      SessionEventsModule.forRoot(options as SessionEventsOptions),
    ],
    providers: Provider ? [Provider] : [],
  })
    .overrideProvider(SessionRepository)
    .useClass(InMemorySessionRepository)
    .compile();
  const app = module.createNestApplication({ logger: false });
  return app;
};

describe('SessionEventsModule does not start', () => {
  it.each<[string, object, RegExp]>([
    ['expired', { expired: 'yes' }, /SessionEventsModule: expired is a string.*true or false/],
    ['stream', { stream: true }, /SessionEventsModule: stream is true/],
    ['maxLength', { stream: { maxLength: 10 } }, /stream.maxLength is 10.*100 to 10000000/],
    ['retryAfterMs', { stream: { retryAfterMs: 0 } }, /stream.retryAfterMs is 0/],
  ])('with a wrong option %s', async (_, options, message) => {
    const error: unknown = await appOf(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, new () => object, object, RegExp]>([
    ['in a class for each request', ForEachRequest, {}, /ForEachRequest.on\(\).*each request/],
    ['that waits for "expired" in vain', WantsExpiries, {}, /expired: true/],
    ['of a group without a stream', WantsGroup, {}, /stream: \{\}/],
    [
      'of a group that wants "expired"',
      WantsExpiriesInGroup,
      { stream: {}, expired: true },
      /not in the stream/,
    ],
  ])('with a method %s', async (_, Provider, options, message) => {
    const app = await appOf(options, Provider);
    await expect(app.init()).rejects.toMatchObject({
      code: 'SESSION_CONFIG',
      message: expect.stringMatching(message),
    });
  });
});

describe('an application that keeps its sessions in memory', () => {
  it('hears itself, groups as well, and asks no Redis', async () => {
    const heard: string[] = [];
    @Injectable()
    class Audit {
      @OnSessionEvent('signed-in', { group: 'audit' }) signedIn() {
        heard.push('group');
      }
      @OnSessionEvent('revoked') revoked() {
        heard.push('revoked');
      }
    }
    const app = await appOf({ stream: {} }, Audit);
    defer(() => app.close());
    await app.init();
    app.get(SessionEvents).all$.subscribe(({ type, userId }) => heard.push(`${type} ${userId}`));
    await signInForTest(app, 'alice');
    expect(await app.get(SessionService).revokeAllOfUser('alice')).toBe(1);
    expect(heard.toSorted()).toEqual(['group', 'revoked', 'revoked alice', 'signed-in alice']);
  });
});
