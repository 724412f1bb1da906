import type { IncomingMessage } from 'node:http';
import { SessionService } from 'nestjs-redis-session';
import { SessionEvents } from 'nestjs-redis-session/events';
import { SessionRepository } from 'nestjs-redis-session/testing';
import { SessionSockets } from 'nestjs-redis-session/websockets';
import { firstValueFrom } from 'rxjs';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { SessionSettings } from '../../libs/session/src/session.settings.js';
import { MessageSession } from '../../libs/session/src/sockets/message-session.js';
import { SocketConnection } from '../../libs/session/src/sockets/socket-connection.js';
import { sessionOf } from '../events/support/listening-site.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { useCleanup } from '../support/cleanup.js';
import { Visitor } from '../support/visitor.js';
import { type LiveClient, TRANSPORTS } from './support/live-client.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';

describe.each(TRANSPORTS)('a forged "renewed" for a socket of %s', (transport) => {
  const redis = useRedis();
  const defer = useCleanup();
  let site: LiveSite;
  let mallory: Visitor;
  let tab: LiveClient;
  beforeAll(async () => {
    site = await startLiveSite('express', transport, { redis: redis.url });
  });
  afterAll(() => site.app.close());
  beforeEach(async () => {
    mallory = await visit(site, 'mallory');
    tab = await openTab(site, mallory);
  });
  afterEach(() => tab.close());

  const forge = async (from: string, to: string, userId?: string) => {
    const event = { type: 'renewed', sessionId: to, previousId: from, userId, fields: [], at: 1 };
    await redis.client.publish(
      'session-events:0',
      JSON.stringify({ instance: 'forged', events: [event] }),
    );
    // Events come in order: once this is seen, so is the forged one, and what is looked up for it.
    const marker = await visit(site, 'marker');
    const marked = await openTab(site, marker);
    await site.app.get(SessionService).revoke(sessionOf(marker));
    await marked.closed;
  };
  const read = async () => (await tab.ask('read'))[0]!.data as { userId: unknown; note: unknown };
  const idOfTab = () => {
    const sockets = site.app.get(SessionSockets);
    const [socket] = sockets.ofUser<object>('mallory');
    return socket && sockets.sessionOf(socket)?.sessionId;
  };

  it('moves it to no session of another user', async () => {
    const alice = await visit(site, 'alice');
    await alice.post('write', { note: 'of alice' });
    for (const user of ['mallory', 'alice', undefined]) {
      await forge(sessionOf(mallory), sessionOf(alice), user);
      expect(await read()).toMatchObject({ userId: 'mallory', note: null });
    }
    await tab.ask('write', 'by mallory');
    expect(await (await alice.get('read')).json()).toMatchObject({ note: 'of alice' });
    expect(idOfTab()).toBe(sessionOf(mallory));
  });

  it('moves it to no other session of its user, who may have authenticated later there', async () => {
    const elsewhere = await visit(site, 'mallory');
    await forge(sessionOf(mallory), sessionOf(elsewhere), 'mallory');
    await tab.ask('write', 'through the socket');
    expect(await (await elsewhere.get('read')).json()).toMatchObject({ note: null });
    expect(await (await mallory.get('read')).json()).toMatchObject({ note: 'through the socket' });
    expect(idOfTab()).toBe(sessionOf(mallory));
  });

  it('moves it to no session that is not there, and does not close it', async () => {
    await forge(sessionOf(mallory), 'A'.repeat(32), 'mallory');
    expect(await read()).toMatchObject({ userId: 'mallory' });
    expect(tab.isOpen).toBe(true);
  });

  /** What a message is given whose socket was opened by a user, or a guest, and has this session. */
  const loadFor = (user: string | undefined, id: string) => {
    const [repository, settings] = [site.app.get(SessionRepository), site.app.get(SessionSettings)];
    const request = { headers: {} } as IncomingMessage;
    const connection = new SocketConnection(request, id as SessionId, user, Infinity, 0);
    return new MessageSession(connection, repository, settings).load();
  };

  it('would be of no use if it could: each message checks whose session it is', async () => {
    const id = sessionOf(await visit(site, 'alice'));
    expect((await loadFor('alice', id)).userId).toBe('alice');
    for (const user of ['mallory', undefined]) {
      const { isNew, userId } = await loadFor(user, id);
      expect({ isNew, userId }).toEqual({ isNew: true, userId: undefined });
    }
  });

  it('is not needed to follow a new token, and a message does not follow a guest who signs in', async () => {
    const alice = await visit(site);
    await alice.post('write', { note: 'of a guest' });
    const ofGuest = sessionOf(alice);
    await alice.post('sign-in?user=alice');
    const ofAlice = sessionOf(alice);
    await alice.post('renew');
    expect((await loadFor('alice', ofAlice)).id).toBe(sessionOf(alice));
    const { isNew, userId } = await loadFor(undefined, ofGuest);
    expect({ isNew, userId }).toEqual({ isNew: true, userId: undefined });
  });

  it('does not keep it from following a real one', async () => {
    const alice = await visit(site, 'alice');
    await forge(sessionOf(mallory), sessionOf(alice), 'mallory');
    await mallory.post('renew');
    await eventually('it has followed', async () => idOfTab() === sessionOf(mallory));
    expect(await read()).toMatchObject({ userId: 'mallory' });
    await mallory.post('sign-out');
    expect(await tab.closed).toBe('SESSION_SIGNED_OUT');
  });

  it('makes events of a session wait until its sockets have followed, however long Redis takes to confirm it', async () => {
    const elsewhere = await startLiveSite('express', transport, { redis: redis.url });
    defer(() => elsewhere.app.close());
    const there = new Visitor(elsewhere);
    for (const [name, value] of mallory.jar.cookies) there.jar.cookies.set(name, value);
    const sockets = site.app.get(SessionSockets);
    const reached: number[] = [];
    const changes = site.app.get(SessionEvents).of('changed');
    const heard = changes.subscribe(({ sessionId }) => {
      reached.push(sockets.ofSession(sessionId).length);
    });
    defer(() => heard.unsubscribe());
    const repository = site.app.get(SessionRepository);
    const ask = repository.read.bind(repository);
    defer(() => Object.assign(repository, { read: ask }));
    let confirm!: () => void;
    const held = new Promise<void>((resolve) => (confirm = resolve));
    Object.assign(repository, { read: (id: SessionId) => held.then(() => ask(id, [])) });
    await there.post('renew');
    await there.post('write', { note: 'after the renewal' });
    // Events come in order: once this one is told, the change has been heard.
    const isHeard = firstValueFrom(site.app.get(SessionEvents).of('signed-in'));
    await visit(elsewhere, 'marker');
    await isHeard;
    expect(reached).toEqual([]);
    confirm();
    await eventually('the change is told', async () => reached.length > 0);
    expect(reached).toEqual([1]);
  });
});
