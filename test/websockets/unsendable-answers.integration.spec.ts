import { Ack, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Session } from 'nestjs-redis-session';
import { useRedis } from '../support/redis.js';
import { type LiveClient, TRANSPORTS } from './support/live-client.js';
import { answer, PATH } from './support/live-gateway.js';
import { type LiveSite, openTab, startLiveSite, visit } from './support/live-site.js';

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const UNSENDABLE: Record<string, unknown> = {
  'a BigInt': { id: 10n },
  'what contains itself': circular,
  'a toJSON() that throws': {
    toJSON() {
      throw new Error('no JSON');
    },
  },
  'a getter that throws': {
    get id(): never {
      throw new Error('no id');
    },
  },
};

@WebSocketGateway({ path: PATH })
class UnsendableGateway {
  @SubscribeMessage('acknowledge-badly') acknowledge(
    @Session() session: Session,
    @MessageBody() what: string,
    @Ack() acknowledged?: (answer: unknown) => void,
  ) {
    session.set('note', what);
    acknowledged?.(UNSENDABLE[what]);
  }
  @SubscribeMessage('answer-badly') answer(@MessageBody() what: string) {
    return answer(UNSENDABLE[what]);
  }
}

const useSite = (transport: (typeof TRANSPORTS)[number]) => {
  const redis = useRedis();
  const used = {} as { site: LiveSite; tab: LiveClient };
  beforeAll(async () => {
    const providers = [UnsendableGateway];
    const options = { redis: redis.url };
    used.site = await startLiveSite('express', transport, options, {}, { providers });
    used.tab = await openTab(used.site, await visit(used.site, 'alice'));
  });
  afterAll(async () => {
    used.tab.close();
    await used.site.app.close();
  });
  return used;
};
const failed = {
  event: 'exception',
  data: expect.objectContaining({ status: 'error', message: 'Internal server error' }) as object,
};

describe('an acknowledgement of socket.io that is held until the session is saved', () => {
  const used = useSite('socket.io');

  it.each(Object.keys(UNSENDABLE))(
    'and cannot be sent for %s, is an exception for the peer and one line in the log',
    async (what) => {
      const { site, tab } = used;
      site.log.lines.length = 0;
      // It never comes, and is rejected when the socket closes.
      tab.acknowledged!('acknowledge-badly', what).catch(() => undefined);
      expect(await tab.take(1)).toEqual([failed]);
      expect(site.log.matching(/"acknowledge-badly" could not be acknowledged/)).toHaveLength(1);
      expect(site.log.lines).toHaveLength(1);
      // What the handler did to the session holds, and so does the socket.
      const [message] = await tab.ask('read');
      expect(message!.data).toMatchObject({ userId: 'alice', note: what });
    },
  );
});

describe.each(TRANSPORTS)('an answer over %s', (transport) => {
  const used = useSite(transport);

  it.each(Object.keys(UNSENDABLE))('that cannot be sent for %s is an exception', async (what) => {
    expect(await used.tab.ask('answer-badly', what)).toEqual([failed]);
    expect(await used.tab.ask('nothing')).toEqual([answer('nothing')]);
  });
});
