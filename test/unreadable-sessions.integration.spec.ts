import { Body, Controller, Post } from '@nestjs/common';
import { Session, SessionService } from 'nestjs-redis-session';
import { idOfToken, type SessionToken } from '../libs/session/src/core/token.js';
import { SessionKeys } from '../libs/session/src/redis/keys.js';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { DevicesController } from './support/devices.controller.js';
import { useRedis } from './support/redis.js';
import { Visitor, VisitorController } from './support/visitor.js';

const keys = new SessionKeys('');
const idOf = (visitor: Visitor) => idOfToken(visitor.jar.cookies.get('id') as SessionToken);

@Controller()
class Guests {
  @Post('guest') guest(@Session() session: Session, @Body() { note }: { note: string }) {
    session.set('note', note);
    return { ok: true };
  }
}

/** What something else may do to the hash of a session. */
const SPOILT: Record<string, readonly string[]> = {
  'of a newer layout': ['HSET', '~v', '2'],
  'of an older layout': ['HSET', '~v', '0'],
  'without a layout': ['HDEL', '~v'],
  'with an empty layout': ['HSET', '~v', ''],
  'without its times': ['HDEL', '~seen', '~until'],
  'with a time that is none': ['HSET', '~created', 'yesterday'],
};
/** What something else may put into a field. */
const TEXTS = ['tea, mug', '', '{', 'undefined', '\u0080\u0003}q\u0000', 'NaN', "{'a': 1}"];

describe.each(PLATFORMS)('on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp;
  let service: SessionService;
  beforeAll(async () => {
    const mergeGuest = ({ note }: { note?: string }) => (note === undefined ? {} : { note });
    const controllers = [VisitorController, DevicesController, Guests];
    site = await startApp(platform, { redis: redis.url, mergeGuest }, { controllers });
    service = site.app.get(SessionService);
  });
  afterAll(() => site?.app.close());

  const signIn = async (user: string) => {
    const visitor = new Visitor(site);
    await visitor.post(`sign-in?user=${user}`);
    return visitor;
  };
  const statuses = async (...asked: Promise<Response>[]) =>
    (await Promise.all(asked)).map(({ status }) => status);
  const listOf = async (visitor: Visitor) =>
    (await (await visitor.get('devices')).json()) as { id: string; unreadableFields: string[] }[];

  describe.each(Object.keys(SPOILT))('a session %s', (name) => {
    const [command, ...fields] = SPOILT[name]!;
    let phone: Visitor;
    let laptop: Visitor;
    let id: string;
    beforeEach(async () => {
      [phone, laptop] = [await signIn('ana'), await signIn('ana')];
      id = idOf(phone);
      await redis.client.call(command!, keys.session(idOf(phone)), ...fields);
    });
    afterEach(() => redis.client.flushall());

    it('is a stranger to every route, who can write and sign in', async () => {
      expect(await statuses(phone.get('public'), phone.get('read'), phone.get('field'))).toEqual([
        200, 200, 200,
      ]);
      expect((await phone.get('private')).status).toBe(401);
      expect((await phone.post('write', { note: 'x' })).status).toBe(201);
      expect((await phone.post('sign-in?user=ana')).status).toBe(201);
      expect((await phone.get('private')).status).toBe(200);
    });

    it('ends when its visitor signs out, and gives way when they sign in anew', async () => {
      await phone.post('sign-in?user=ana');
      const next = idOf(phone);
      expect(next).not.toBe(id);
      await redis.client.call(command!, keys.session(next), ...fields);
      expect((await phone.post('sign-out')).status).toBe(201);
      expect(await redis.client.exists(keys.session(next))).toBe(0);
    });

    it('keeps no other device from its list, and no sign-out everywhere from its work', async () => {
      const list = await listOf(laptop);
      expect(list.map((device) => device.id)).toEqual([idOf(laptop)]);
      expect((await laptop.delete('users/ana')).status).toBe(200);
      expect(await redis.client.keys('session:*')).toEqual([]);
    });
  });

  it('a session that cannot be read stays for the instances that can, and ends by its id', async () => {
    const [phone, laptop, other] = [await signIn('eve'), await signIn('eve'), await signIn('max')];
    const id = idOf(phone);
    await redis.client.hset(keys.session(id), '~v', '2');
    await listOf(laptop);
    await phone.get('read');
    expect(await redis.client.exists(keys.session(id))).toBe(1);
    expect(await service.find(id)).toBeUndefined();
    expect(await service.update(id, { note: 'x' })).toBe(false);
    const ended = async (visitor: Visitor) =>
      (await (await visitor.delete(`devices/${id}`)).json()) as unknown;
    expect(await ended(other)).toEqual({ ended: false });
    expect(await redis.client.exists(keys.session(id))).toBe(1);
    expect(await ended(laptop)).toEqual({ ended: true });
    expect(await redis.client.exists(keys.session(id))).toBe(0);
    expect(await redis.client.smembers(keys.user('eve'))).toEqual([idOf(laptop)]);
  });

  it.each(TEXTS)('a field that holds %j spoils nothing but itself', async (text) => {
    const [phone, laptop] = [await signIn('joe'), await signIn('joe')];
    const id = idOf(phone);
    await service.update(id, { count: 1 });
    await redis.client.hset(keys.session(id), 'note', text);
    expect(await statuses(phone.get('private'), phone.get('own-devices'))).toEqual([200, 200]);
    const device = (await listOf(laptop)).find((one) => one.id === id)!;
    expect(device).toMatchObject({ data: { count: 1 }, unreadableFields: ['note'] });
    expect(await service.find(id)).toMatchObject({ data: { count: 1 } });
    await expect(service.read(id, ['note'])).rejects.toMatchObject({ code: 'SESSION_FORMAT' });
    expect(await service.update(id, { count: 2 })).toBe(true);
    expect(await service.revoke(id)).toBe(true);
    expect((await phone.get('private')).status).toBe(401);
  });

  it.each(TEXTS)('a guest with a field that holds %j can sign in', async (text) => {
    const guest = new Visitor(site);
    await guest.post('guest', { note: 'kept' });
    await redis.client.hset(keys.session(idOf(guest)), 'count', text);
    expect((await guest.post('sign-in?user=zoe')).status).toBe(201);
    expect(await service.find(idOf(guest))).toMatchObject({
      data: { note: 'kept' },
      userId: 'zoe',
    });
  });
});
