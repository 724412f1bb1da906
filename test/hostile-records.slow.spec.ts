import { SessionEventsModule } from 'nestjs-redis-session/events';
import { idOfToken, type SessionId, type SessionToken } from '../libs/session/src/core/token.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { SeededRandom } from './random/seeded-random.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { DevicesController } from './support/devices.controller.js';
import { HostileMessages } from './support/hostile-messages.js';
import { manyTimes } from './support/many-times.js';
import { useRedis } from './support/redis.js';
import { seed } from './support/scale.js';
import { Visitor, VisitorController } from './support/visitor.js';

const keys = new SessionKeys('');
const idOf = (visitor: Visitor) => idOfToken(visitor.jar.cookies.get('id') as SessionToken);

const FIELDS =
  '~id ~v ~created ~seen ~idle ~until ~user ~auth ~remembered ~renewed ~former ~spared ~index ~ip ~agent ~new note count lines'.split(
    ' ',
  );
const NUMBERS = '0 1 -1 1.5 1e400 0x10 nan NaN inf Infinity -Infinity'.split(' ');
const OTHER_TEXTS = [
  '',
  ' 1 ',
  '9'.repeat(400),
  'x',
  '{',
  'null',
  '[]',
  '"',
  '\u0000',
  '\ud800',
  '__proto__',
];
const TEXTS = [...NUMBERS, ...OTHER_TEXTS, 'x'.repeat(70_000)];

/** Yes, no such device, and "you are not signed in". */
const ANSWERS = [200, 201, 401, 404];

describe('something that writes whatever it likes to keys of sessions, and publishes events', () => {
  const redis = useRedis();
  let sites: TestApp[];
  let bystanders: Visitor[];
  beforeAll(async () => {
    sites = await Promise.all(
      PLATFORMS.map((platform) =>
        startApp(
          platform,
          { redis: redis.url, touchIntervalSeconds: 0, storeTimeoutMs: 10_000 },
          {
            imports: [SessionEventsModule.forRoot({})],
            controllers: [VisitorController, DevicesController],
          },
        ),
      ),
    );
    bystanders = sites.map((site) => new Visitor(site));
    for (const [i, bystander] of bystanders.entries()) {
      await bystander.post(`sign-in?user=bystander-${i}`);
    }
  });
  afterAll(() => Promise.all((sites ?? []).map(({ app }) => app.close())));

  const write = async (random: SeededRandom, id: SessionId, user: string): Promise<unknown> => {
    const { client } = redis;
    const session = keys.session(id);
    const text = () => random.oneOf(TEXTS);
    const others = [session, keys.user(user), keys.epoch(user), keys.gone(id)];
    switch (random.below(12)) {
      case 0:
        return client.del(random.oneOf(others));
      case 1:
        return client.set(random.oneOf(others), text());
      case 2: {
        const key = random.oneOf(others);
        return client.multi().del(key).rpush(key, text()).exec();
      }
      case 3:
        return client.hdel(session, random.oneOf(FIELDS));
      case 4:
        return client.persist(session);
      case 5:
        return client.sadd(keys.user(user), text(), id.toLowerCase());
      case 6:
        return client.copy(keys.session(idOf(random.oneOf(bystanders))), session, 'REPLACE');
      default:
        return client.hset(session, random.oneOf(FIELDS), text());
    }
  };

  it('signs its owner out at most: no other visitor is harmed, and the owner can sign in again', async () => {
    const results = await manyTimes(1000, async (round) => {
      const random = new SeededRandom(seed + round);
      const user = `user ${round}`;
      const site = random.oneOf(sites);
      const owner = new Visitor(site);
      await owner.post(`sign-in?user=${encodeURIComponent(user)}`);
      await owner.post('write', { note: 'of the owner' });
      const id = idOf(owner);
      const messages = new HostileMessages(seed + round, [id, ...bystanders.map(idOf)]);
      // What it does to events and to records may come between any two requests.
      const spoil = async () => {
        // A key of another type refuses what is written to it.
        await write(random, id, user).catch(() => undefined);
        await redis.client.publish('session-events:0', messages.next());
      };
      const asks: (() => Promise<Response>)[] = [
        () => owner.get('read'),
        () => owner.get('private'),
        () => owner.post('write', { note: 'again' }),
        () => owner.get('devices'),
        () => owner.delete(`devices/${id}`),
        () => owner.post('renew'),
        () => owner.post('sign-out'),
      ];
      const wrong: string[] = [];
      const expectAnswer = async (asked: Promise<Response>) => {
        const response = await asked;
        if (ANSWERS.includes(response.status)) return;
        const { pathname } = new URL(response.url);
        // A handler that asks for a spoilt field gets an error; no other is bothered.
        if (response.status === 500 && /^\/(read|write)$/.test(pathname)) return;
        const told = await response.text();
        wrong.push(`${response.status} for the owner at ${pathname}: ${told}`);
      };
      for (const ask of random.shuffled(asks).slice(0, 4)) {
        await spoil();
        await expectAnswer(ask());
      }
      // A spoilt moment of a sign-out everywhere counts as one of now, which ends a sign-in that is under way.
      for (const browser of [owner, new Visitor(site)]) {
        const signIn = () => browser.post(`sign-in?user=${encodeURIComponent(user)}`);
        const statuses = [(await signIn()).status, (await signIn()).status];
        if (statuses[1] !== 201) wrong.push(`${statuses.join(' and ')} at a sign-in`);
        else if ((await browser.get('private')).status !== 200) wrong.push('not signed in');
      }
      for (const bystander of bystanders) {
        const there = await bystander.get('private');
        if (there.status !== 200) wrong.push(`${there.status} for a bystander`);
      }
      return wrong.length === 0 ? 'no harm' : `TEST_SEED=${seed} ${wrong.join(', ')}`;
    });
    expect(results).toEqual({ 'no harm': 'always' });
  }, 300_000);
});
