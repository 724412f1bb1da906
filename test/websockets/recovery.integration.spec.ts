import { once } from 'node:events';
import { type OnGatewayConnection, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { type SessionOptions, SessionService } from 'nestjs-redis-session';
import { SessionSockets } from 'nestjs-redis-session/websockets';
import type { Server, Socket } from 'socket.io';
import { io, type Socket as ClientSocket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { useCleanup } from '../support/cleanup.js';
import { useRedis } from '../support/redis.js';
import type { Visitor } from '../support/visitor.js';
import { type LiveSite, startLiveSite, visit } from './support/live-site.js';

const defer = useCleanup();
const PATH = '/recovering';

/** A gateway of which tabs recover, and whose rooms are those of users. */
@WebSocketGateway({
  path: PATH,
  connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
})
class RecoveringGateway implements OnGatewayConnection {
  @WebSocketServer() server!: Server;
  readonly connections: { user: string | undefined; recovered: boolean }[] = [];
  connected: (socket: Socket) => void = () => undefined;

  constructor(private readonly sockets: SessionSockets) {}

  handleConnection(socket: Socket): void {
    const user = this.sockets.sessionOf(socket)?.userId;
    this.connections.push({ user, recovered: socket.recovered });
    if (!socket.recovered) void socket.join(user ?? 'anonymous');
    this.connected(socket);
  }
}

/** What a client of socket.io sends to go on from. */
interface Private {
  readonly _pid?: string;
  readonly _lastOffset?: string;
}

const next = (tab: ClientSocket, event: string) =>
  new Promise<unknown>((resolve) => void tab.once(event, resolve));

describe('a tab that comes back to a site with connectionStateRecovery', () => {
  const redis = useRedis();
  let site: LiveSite;
  let gateway: RecoveringGateway;
  let service: SessionService;
  beforeAll(async () => {
    const options: SessionOptions = { redis: redis.url };
    const providers = [RecoveringGateway];
    site = await startLiveSite('express', 'socket.io', options, {}, { providers });
    gateway = site.app.get(RecoveringGateway);
    service = site.app.get(SessionService);
  });
  afterAll(() => site.app.close());

  const headersOf = ({ jar }: Visitor) => ({ cookie: jar.header, origin: site.url });

  /** Opens a tab, and gets what socket.io takes for the place to go on from. */
  const openTab = async (visitor: Visitor) => {
    const tab = io(site.url, {
      path: PATH,
      transports: ['websocket'],
      extraHeaders: headersOf(visitor),
      reconnection: false,
      forceNew: true,
    });
    defer(() => tab.close());
    const heard: string[] = [];
    tab.on('private', (text: string) => heard.push(text));
    await next(tab, 'connect');
    const room = gateway.connections.at(-1)!.user ?? 'anonymous';
    const told = next(tab, 'private');
    gateway.server.to(room).emit('private', 'before');
    await told;
    return { tab, heard, room };
  };
  /** As when the network is lost: the site waits for the tab to come back. */
  const lose = async (tab: ClientSocket) => {
    const [socket] = await gateway.server.fetchSockets();
    const gone = new Promise((resolve) => {
      gateway.server.sockets.sockets.get(socket!.id)!.once('disconnect', resolve);
    });
    const lost = next(tab, 'disconnect');
    tab.io.engine.close();
    await Promise.all([lost, gone]);
  };
  const comeBack = async (tab: ClientSocket, visitor: Visitor) => {
    tab.io.opts.extraHeaders = headersOf(visitor);
    const connected = next(tab, 'connect');
    tab.connect();
    await connected;
    return gateway.connections.at(-1)!;
  };

  interface Case {
    readonly what: string;
    readonly user?: string;
    /** What happens while it is away. @returns who comes back, if it is another browser. */
    meanwhile(visitor: Visitor): Promise<Visitor | unknown>;
    readonly isRecovered: boolean;
  }
  const signedIn = (visitor: Visitor, user: string) => visitor.post(`sign-in?user=${user}`);
  const idOf = async (user: string) => (await service.listByUser(user))[0]!.id;
  const CASES: Case[] = [
    {
      what: 'its session is as it was',
      user: 'a',
      meanwhile: async () => undefined,
      isRecovered: true,
    },
    {
      what: 'its session has a new token',
      user: 'b',
      meanwhile: (visitor) => visitor.post('renew').then(() => undefined),
      isRecovered: true,
    },
    {
      what: 'its user has authenticated anew, twice',
      user: 'c',
      meanwhile: async (visitor) => {
        await signedIn(visitor, 'c');
        await signedIn(visitor, 'c');
      },
      isRecovered: true,
    },
    { what: 'it never had a session', meanwhile: async () => undefined, isRecovered: true },
    {
      what: 'its session was revoked',
      user: 'd',
      meanwhile: async () => service.revoke(await idOf('d')),
      isRecovered: false,
    },
    {
      what: 'its user was signed out everywhere',
      user: 'e',
      meanwhile: () => service.revokeAllOfUser('e'),
      isRecovered: false,
    },
    {
      what: 'it has signed out',
      user: 'f',
      meanwhile: (visitor) => visitor.post('sign-out').then(() => undefined),
      isRecovered: false,
    },
    {
      what: 'its session has expired',
      user: 'g',
      meanwhile: async () => redis.client.del(...(await redis.client.keys('session:*'))),
      isRecovered: false,
    },
    {
      what: 'another user has signed in there',
      user: 'h',
      meanwhile: (visitor) => signedIn(visitor, 'i').then(() => undefined),
      isRecovered: false,
    },
    {
      what: 'it has another session of the same user',
      user: 'j',
      meanwhile: () => visit(site, 'j'),
      isRecovered: false,
    },
    {
      what: 'another user has learned its name',
      user: 'k',
      meanwhile: () => visit(site, 'l'),
      isRecovered: false,
    },
    {
      what: 'it comes back without a session',
      user: 'm',
      meanwhile: () => visit(site),
      isRecovered: false,
    },
    {
      what: 'the guest has signed in',
      meanwhile: (visitor) => signedIn(visitor, 'n').then(() => undefined),
      isRecovered: false,
    },
  ];

  it.each(CASES)(
    'where $what: recovered is $isRecovered',
    async ({ user, meanwhile, isRecovered }) => {
      const visitor = await visit(site, user);
      const { tab, heard, room } = await openTab(visitor);
      await lose(tab);
      const other = await meanwhile(visitor);
      gateway.server.to(room).emit('private', 'missed');
      const back = await comeBack(tab, (other as Visitor)?.jar ? (other as Visitor) : visitor);
      expect(back.recovered).toBe(isRecovered);
      gateway.server.to(room).emit('private', 'after');
      const told = next(tab, 'mark');
      gateway.server.emit('mark');
      await told;
      const isInRoom = isRecovered || back.user === room;
      const expected = [
        'before',
        ...(isRecovered ? ['missed'] : []),
        ...(isInRoom ? ['after'] : []),
      ];
      expect(heard).toEqual(expected);
    },
  );

  it('gets nothing if its session ends between the handshake and the first packet', async () => {
    const visitor = await visit(site, 'late');
    const { tab } = await openTab(visitor);
    const { _pid: pid, _lastOffset: offset } = tab as unknown as Private;
    await lose(tab);
    gateway.server.to('late').emit('private', 'missed');
    const address = `${site.url.replace('http', 'ws')}${PATH}/?EIO=4&transport=websocket`;
    const peer = new WebSocket(address, { headers: headersOf(visitor) });
    defer(() => peer.terminate());
    const packets: string[] = [];
    peer.on('message', (packet: Buffer) => packets.push(String(packet)));
    await once(peer, 'message');
    await service.revokeAllOfUser('late');
    const closed = once(peer, 'close');
    peer.send(`40${JSON.stringify({ pid, offset })}`);
    await closed;
    expect(packets.some((packet) => packet.includes('missed'))).toBe(false);
    expect(packets.some((packet) => packet.includes('session-ended'))).toBe(true);
  });
});
