import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import * as ours from 'nestjs-redis-session';
import * as oursEvents from 'nestjs-redis-session/events';
import { type Finding, SessionDoctor } from 'nestjs-redis-session/doctor';
import { SessionWebSocketsModule } from 'nestjs-redis-session/websockets';
import { sessionOf } from './events/support/listening-site.js';
import { startApp, type TestApp } from './support/app.js';
import { describeWithSearch } from './search/support/with-search.js';
import { CookieJar } from './support/browser-cookies.js';
import { DevicesController } from './support/devices.controller.js';
import { useRedis } from './support/redis.js';
import { runCliWith } from './support/run-cli.js';
import { Visitor, VisitorController } from './support/visitor.js';
import { openSocket } from './websockets/support/live-client.js';
import { LiveGateway, MembersGateway } from './websockets/support/live-gateway.js';

/** The built package, as a later release would be that writes another layout. */
async function install(folder: string) {
  await cp('libs/session/dist', folder, { recursive: true });
  const file = join(folder, 'redis', 'hash-codec.js');
  const text = await readFile(file, 'utf8');
  const changed = text.replace("LAYOUT_VERSION = '1'", "LAYOUT_VERSION = '2'");
  if (changed === text) throw new Error('The layout version is not where it was.');
  await writeFile(file, changed);
  const load = (entry: string) => import(pathToFileURL(join(folder, entry)).href);
  return {
    library: (await load('index.js')) as typeof ours,
    events: (await load('events/index.js')) as typeof oursEvents,
  };
}

describe('instances of a release and of a later one with another layout, on one Redis', () => {
  const redis = useRedis();
  let folder: string;
  let newerRelease: Awaited<ReturnType<typeof install>>;
  let sites: Record<'old' | 'newer', TestApp>;
  const MOST = 3;
  const options = () => ({
    redis: redis.url,
    maxSessionsPerUser: { limit: MOST, whenReached: 'evict-least-recently-used' } as const,
    touchIntervalSeconds: 0,
    ...(redis.server.hasSearch && { index: { note: ours.tag('note') } }),
  });
  const startOld = () =>
    startApp(
      'express',
      options(),
      {
        imports: [oursEvents.SessionEventsModule.forRoot({}), SessionWebSocketsModule.forRoot({})],
        controllers: [VisitorController, DevicesController],
        providers: [LiveGateway, MembersGateway],
      },
      (app: INestApplication) => app.useWebSocketAdapter(new WsAdapter(app)),
    );
  const startNewer = () => {
    const { library, events } = newerRelease;
    const service = { provide: ours.SessionService, useExisting: library.SessionService };
    const metadata = {
      imports: [events.SessionEventsModule.forRoot({})],
      controllers: [VisitorController, DevicesController],
      providers: [service],
    };
    return startApp('fastify', options(), metadata, undefined, library);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join('node_modules', '.layouts-'));
    newerRelease = await install(folder);
    sites = { old: await startOld(), newer: await startNewer() };
  }, 60_000);
  afterAll(async () => {
    await Promise.all(Object.values(sites ?? {}).map(({ app }) => app.close()));
    await rm(folder, { recursive: true, force: true });
  });

  const signIn = async (site: TestApp, user: string) => {
    const visitor = new Visitor(site);
    expect((await visitor.post(`sign-in?user=${user}`)).status).toBe(201);
    return visitor;
  };
  /** The same browser, with the cookies that it has now, at another instance. */
  const at = (site: TestApp, { jar }: Visitor) => {
    const copy = new CookieJar();
    for (const [name, value] of jar.cookies) copy.cookies.set(name, value);
    return Object.assign(new Visitor(site), { jar: copy });
  };
  const statusOf = async (visitor: Visitor, path = 'private') => (await visitor.get(path)).status;
  const idsOf = async (visitor: Visitor) => {
    const list = (await (await visitor.get('devices')).json()) as { id: string }[];
    return list.map(({ id }) => id);
  };

  describe.each([
    ['the later release', 'newer', 'old'],
    ['the release before', 'old', 'newer'],
  ] as const)('a session that %s wrote', (_, from, to) => {
    let here: Visitor;
    let there: Visitor;
    const user = `user of ${from}`;
    beforeEach(async () => {
      here = await signIn(sites[from], user);
      there = at(sites[to], here);
    });

    it('belongs to an anonymous visitor at the other, and goes on at its own', async () => {
      expect(await (await there.get('read')).json()).toEqual({ note: null, userId: null });
      expect(await Promise.all(['public', 'field'].map((path) => statusOf(there, path)))).toEqual([
        200, 200,
      ]);
      expect(await statusOf(there)).toBe(401);
      expect(await statusOf(there, 'own-devices')).toBe(401);
      expect(there.jar.cookies).toEqual(here.jar.cookies);
      expect(await statusOf(here)).toBe(200);
      expect((await there.post('renew')).status).toBe(201);
      expect((await there.post('write', { note: 'x' })).status).toBe(201);
      expect(await (await there.get('read')).json()).toEqual({ note: 'x', userId: null });
    });

    it('gives way to one of the other when its visitor signs in there', async () => {
      expect((await there.post(`sign-in?user=${user}`)).status).toBe(201);
      expect(await statusOf(there)).toBe(200);
      expect(sessionOf(there)).not.toBe(sessionOf(here));
      expect(await statusOf(at(sites[from], there))).toBe(401);
    });

    it('ends when its visitor signs out at the other', async () => {
      expect((await there.post('sign-out')).status).toBe(201);
      expect(await statusOf(here)).toBe(401);
    });

    it('is not in the list of devices at the other, and can be ended there by its id', async () => {
      const laptop = await signIn(sites[to], user);
      expect(await idsOf(laptop)).toContain(sessionOf(laptop));
      expect(await idsOf(laptop)).not.toContain(sessionOf(here));
      expect(await idsOf(here)).toContain(sessionOf(here));
      const ended = await (await laptop.delete(`devices/${sessionOf(here)}`)).json();
      expect(ended).toEqual({ ended: true });
      expect(await statusOf(here)).toBe(401);
    });

    it('ends with a sign-out everywhere at the other', async () => {
      const laptop = await signIn(sites[to], user);
      expect((await laptop.delete(`users/${user}`)).status).toBe(200);
      expect([await statusOf(here), await statusOf(laptop)]).toEqual([401, 401]);
    });

    it('counts among the sessions that a user may have, and is ended for a later one', async () => {
      const devices = [here];
      const limited = `limited, ${from}`;
      for (const site of [sites[from], sites[to], sites[from], sites[to]]) {
        devices.push(await signIn(site, limited));
      }
      const [, first, ...rest] = devices;
      expect(await statusOf(first!)).toBe(401);
      expect(await Promise.all(rest.map((device) => statusOf(device)))).toEqual([200, 200, 200]);
    });
  });

  it('a socket is that of an anonymous visitor, and closes when the other release ends its session', async () => {
    const [own, foreign] = [await signIn(sites.old, 'sam'), await signIn(sites.newer, 'sam')];
    const open = ({ jar }: Visitor) =>
      openSocket('ws', sites.old, { cookie: jar.header, origin: sites.old.url });
    const [ownTab, foreignTab] = [await open(own), await open(foreign)];
    const userOf = async (tab: typeof ownTab) =>
      ((await tab.ask('read'))[0]!.data as { userId: string | null }).userId;
    expect([await userOf(ownTab), await userOf(foreignTab)]).toEqual(['sam', null]);
    expect((await foreignTab.ask('private'))[0]!.event).toBe('exception');
    await sites.newer.app.get(ours.SessionService).revokeAllOfUser('sam');
    expect(await ownTab.closed).toBe('SESSION_REVOKED');
    foreignTab.close();
  });

  it('events of one are heard by the other', async () => {
    const hears = (type: string, site: TestApp, { SessionEvents }: typeof oursEvents) =>
      new Promise<unknown>((resolve) =>
        site.app.get(SessionEvents).all$.subscribe((event) => {
          if (event.userId === 'eve' && event.type === type) resolve(event.sessionId);
        }),
      );
    const began = hears('signed-in', sites.old, oursEvents);
    const ended = hears('revoked', sites.newer, newerRelease.events);
    const eve = await signIn(sites.newer, 'eve');
    expect(await began).toBe(sessionOf(eve));
    await sites.old.app.get(ours.SessionService).revokeAllOfUser('eve');
    expect(await ended).toBe(sessionOf(eve));
  });

  describeWithSearch('a search', () => {
    it('counts both, finds its own, and ends its own', async () => {
      const searchOf = (site: TestApp, { SessionSearch }: typeof ours) =>
        site.app.get(SessionSearch) as ours.SessionSearch<{ note: ReturnType<typeof ours.tag> }>;
      const old = searchOf(sites.old, ours);
      const newer = searchOf(sites.newer, newerRelease.library);
      await Promise.all([old.prepare(), newer.prepare()]);
      const note = 'searched';
      const devices = [await signIn(sites.old, 'o1'), await signIn(sites.newer, 'n1')];
      for (const device of devices) await device.post('write', { note });
      const found = async (search: typeof old) =>
        (await search.find({ note } as never)).sessions.map(({ id }) => id);
      expect(await old.count({ note } as never)).toBe(2);
      expect(await found(old)).toEqual([sessionOf(devices[0]!)]);
      expect(await found(newer)).toEqual([sessionOf(devices[1]!)]);
      expect(await old.revokeWhere({ note } as never)).toMatchObject({ changed: 1, failed: 1 });
      expect(await newer.revokeWhere({ note } as never)).toMatchObject({ changed: 1, failed: 0 });
      expect(await Promise.all(devices.map((device) => statusOf(device)))).toEqual([401, 401]);
    });
  });

  it('the program lists its own, ends both, and its doctor counts those of the other', async () => {
    await redis.client.flushall();
    const [own, foreign] = [await signIn(sites.old, 'cli'), await signIn(sites.newer, 'cli')];
    const cli = (...args: string[]) => runCliWith({ REDIS_URL: redis.url }, ...args);
    const list = await cli('list', '--user', 'cli', '--json');
    expect((JSON.parse(list.out) as { id: string }[]).map(({ id }) => id)).toEqual([
      sessionOf(own),
    ]);
    expect(await cli('show', sessionOf(foreign))).toMatchObject({ code: 1, out: '' });
    const findings = JSON.parse((await cli('doctor', '--json')).out) as Finding[];
    expect(findings.find(({ check }) => check === 'layout')).toMatchObject({
      severity: 'warning',
      finding: expect.stringMatching(/^of 2 sessions that were looked at 1 have layout 2: /),
    });
    expect((await cli('revoke', sessionOf(foreign), '--yes')).code).toBe(0);
    expect([await statusOf(own), await statusOf(foreign)]).toEqual([200, 401]);
    const after = await new SessionDoctor(redis.client).examine();
    expect(after.filter(({ check }) => check === 'layout')).toEqual([]);
  });

  it('a roll-back signs the users of the later release out until it is back, and spoils nothing', async () => {
    const [phone, laptop] = [await signIn(sites.newer, 'rob'), await signIn(sites.newer, 'rob')];
    await sites.newer.app.close();
    const onOld = at(sites.old, phone);
    expect(await statusOf(onOld)).toBe(401);
    expect((await onOld.post('sign-in?user=rob')).status).toBe(201);
    expect(await statusOf(onOld)).toBe(200);
    expect(await statusOf(at(sites.old, laptop))).toBe(401);
    sites.newer = await startNewer();
    expect(await statusOf(at(sites.newer, laptop))).toBe(200);
    expect(await statusOf(at(sites.newer, onOld))).toBe(401);
  });
});
