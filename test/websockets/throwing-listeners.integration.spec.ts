import { SessionService } from 'nestjs-redis-session';
import { SessionSockets } from 'nestjs-redis-session/websockets';
import { useRedis } from '../support/redis.js';
import type { LiveClient } from './support/live-client.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';

interface ServerSocket {
  once(event: string, listener: () => void): unknown;
  onAnyOutgoing(listener: () => void): unknown;
}

describe('sockets of socket.io whose listeners throw while they are closed', () => {
  const redis = useRedis();
  let site: LiveSite;
  let tabs: LiveClient[];
  beforeAll(async () => {
    site = await startLiveSite('express', 'socket.io', { redis: redis.url });
  });
  afterAll(() => site?.app.close());
  beforeEach(async () => {
    site.log.lines.length = 0;
    const visitors = await Promise.all([1, 2, 3].map(() => visit(site, 'alice')));
    tabs = await Promise.all(visitors.map((visitor) => openTab(site, visitor)));
  });
  afterEach(() => {
    for (const tab of tabs) tab.close();
  });
  const fail = () => {
    throw new Error('of the application');
  };

  it.each<[string, (socket: ServerSocket) => unknown]>([
    ['on "disconnect"', (socket) => socket.once('disconnect', fail)],
    ['on what is sent', (socket) => socket.onAnyOutgoing(fail)],
  ])('%s are closed all the same, with all the others, and it is logged', async (_, listen) => {
    for (const socket of site.app.get(SessionSockets).ofUser<ServerSocket>('alice')) listen(socket);
    await site.app.get(SessionService).revokeAllOfUser('alice');
    await Promise.all(tabs.map(({ closed }) => closed));
    expect(site.app.get(SessionSockets).ofUser('alice')).toEqual([]);
    expect(site.log.matching(/A listener threw .*of the application/)).toHaveLength(3);
  });
});
