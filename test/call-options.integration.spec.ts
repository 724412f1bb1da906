import type { Session, SessionService } from 'nestjs-redis-session';
import { Instance } from './support/instance.js';
import { useRedis } from './support/redis.js';

/** Each call with a mistyped option, which the compiler lets pass in a variable of a wider type. */
const MISTYPED: [
  call: string,
  act: (service: SessionService, session: Session) => unknown,
  found: string,
][] = [
  [
    'listByUser()',
    (service, { id }) => service.listByUser('ana', { curent: id } as never),
    '"current"',
  ],
  ['revoke()', (service, { id }) => service.revoke(id!, { ofuser: 'eve' } as never), '"ofUser"'],
  [
    'revokeAllOfUser()',
    (service, session) => service.revokeAllOfUser('ana', { exept: session } as never),
    '"except"',
  ],
  [
    'revokeAll()',
    (service) => service.revokeAll({ before: Date.now(), were: { tenant: 'acme' } } as never),
    '"where"',
  ],
  ['signIn()', (_, session) => session.signIn('eve', { rememberMe: true } as never), '"remember"'],
  ['destroy()', (_, session) => session.destroy({ durabel: 'disk' } as never), '"durable"'],
];

/** What is no object of options, such as the session itself. */
const NO_OPTIONS: [string, (session: Session) => unknown][] = [
  ['null', () => null],
  ['a text', () => 'ana'],
  ['an array', () => [{ except: 'x' }]],
  ['the session', (session) => session],
];

describe('options of a call', () => {
  const redis = useRedis();
  let site: Instance;
  let session: Session;
  beforeAll(async () => {
    site = await Instance.open({ redis: redis.url });
  });
  afterAll(() => site?.close());
  beforeEach(async () => {
    const begun = site.sessionOf(undefined);
    begun.signIn('ana');
    await site.save(begun);
    session = site.sessionOf(await site.repository.read(begun.id!));
  });

  const refusal = async (act: () => unknown) => {
    const error: unknown = await (async () => act())().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'SessionError', code: 'SESSION_STATE' });
    // Neither had an effect.
    expect((await site.service.find(session.id!))?.userId).toBe('ana');
    expect(session.userId).toBe('ana');
    return (error as Error).message;
  };

  it.each(MISTYPED)(
    '%s refuses an unknown one, names the right one, and does nothing',
    async (call, act, found) => {
      const message = await refusal(() => act(site.service, session));
      expect(message).toContain(`for ${call}. Did you mean ${found}?`);
    },
  );

  it.each(NO_OPTIONS)('are an object: %s is refused, and ends nothing', async (_, given) => {
    for (const act of [
      () => site.service.revoke(session.id!, given(session) as never),
      () => site.service.revokeAllOfUser('ana', given(session) as never),
      () => site.service.revokeAll(given(session) as never),
      () => session.signIn('eve', given(session) as never),
      () => session.destroy(given(session) as never),
    ]) {
      expect(await refusal(act)).toMatch(/: the options are .*\. It must be an object with /);
    }
  });

  it.each([[undefined], [null], [''], [7]])(
    'ofUser: %j is refused: a guest asked, and whose session it is matters',
    async (ofUser) => {
      const message = await refusal(() => site.service.revoke(session.id!, { ofUser } as never));
      expect(message).toMatch(/^A user id must be/);
    },
  );

  it('where: undefined is refused: it does not stand for all sessions', async () => {
    const message = await refusal(() =>
      site.service.revokeAll({ before: Date.now(), where: undefined } as never),
    );
    expect(message).toContain('or no where at all for all sessions');
  });

  it.each([['replicas'], [''], [true], [null], [0]])(
    'durable: %j is refused: it would promise nothing',
    async (durable) => {
      const options = { durable } as never;
      for (const act of [
        () => site.service.revoke(session.id!, options),
        () => site.service.revokeAllOfUser('ana', options),
        () => session.signIn('eve', options),
        () => session.destroy(options),
        () => site.service.revokeAll({ before: Date.now(), durable } as never),
      ]) {
        expect(await refusal(act)).toMatch(/^The option durable must be "replica" or "disk"/);
      }
    },
  );

  it('that are undefined otherwise are left out', async () => {
    const [device] = await site.service.listByUser('ana', { current: undefined });
    expect(device!.isCurrent).toBe(false);
    session.signIn('ana', { durable: undefined, remember: undefined, data: undefined } as never);
    await site.save(session);
    expect(await site.service.revokeAllOfUser('ana', { except: undefined })).toBeGreaterThan(0);
  });
});
