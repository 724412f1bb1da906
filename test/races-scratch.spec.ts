import { Logger } from '@nestjs/common';
import type { Session } from 'nestjs-redis-session';
import { CookieJar } from './support/browser-cookies.js';
import { Instance } from './support/instance.js';
import { useRedis } from './support/redis.js';
import { saveSession } from '../libs/session/src/core/save-session.js';
import { RedisSessionRepository } from '../libs/session/src/redis/redis-session-repository.js';
import { idOfToken } from '../libs/session/src/core/token.js';
Logger.overrideLogger(false);
const redis = useRedis();
let instance: Instance;
beforeAll(async () => { instance = await Instance.open({ redis: redis.url }); });
afterAll(() => instance.close());
async function visit(b: CookieJar, act: (s: Session) => void) {
  const e = instance.receive(b); act(await e.session()); return e.answer();
}
const user = async (b: CookieJar) => (await instance.receive(b).session()).userId;
it('1 slow sign-out of a guest, answers after sign-in: clears the new cookie', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.set('note', 'x'));
  const slow = instance.receive(b);
  (await slow.session()).destroy();
  await visit(b, (s) => s.signIn('ana'));
  const r = await slow.answer();
  console.log('1:', r.status, r.headers.getSetCookie().length, await user(b));
});
it('2 sign-out races renew: acknowledged but alive', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.signIn('ana2'));
  const renewing = instance.receive(b); const out = instance.receive(b);
  (await renewing.session()).renew(); (await out.session()).destroy();
  const held = new CookieJar(); 
  // renew commits first, its answer reaches the browser last
  const e = renewing as any; 
  const browserReal = e.browser; e.browser = held;
  const r1 = await renewing.answer();
  const r2 = await out.answer();
  browserReal.keep(r1);
  console.log('2:', r1.status, r2.status, r2.headers.getSetCookie(), await user(b), (await instance.service.listByUser('ana2')).length);
});
it('3 another user signs in; late write with the token of the first', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.signIn('ana3'));
  const late = instance.receive(b);
  await visit(b, (s) => s.signIn('ben3'));
  (await late.session()).set('note', 'late');
  const r = await late.answer();
  console.log('3:', r.status, r.headers.getSetCookie().length, await user(b));
});
it('4 sign-out, sign-in, late write with the first token', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.signIn('ana4'));
  const late = instance.receive(b);
  await visit(b, (s) => s.destroy());
  await visit(b, (s) => s.signIn('ana4'));
  (await late.session()).set('note', 'late');
  const r = await late.answer();
  console.log('4:', r.status, r.headers.getSetCookie().length, await user(b));
});
it('5 sign-out everywhere between create and bringing over what was missed', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.set('note', 'x'));
  const signIn = instance.receive(b);
  (await signIn.session()).signIn('ana5');
  await visit(b, (s) => s.set('count', 1));
  const repo = instance.repository as any;
  const commit = repo.commit.bind(repo);
  let ended = -1;
  repo.commit = async (...args: unknown[]) => { repo.commit = commit; ended = await instance.service.revokeAllOfUser('ana5'); return commit(...args); };
  const r = await signIn.answer();
  console.log('5: ended', ended, 'status', r.status, 'live', (await instance.service.listByUser('ana5')).length, await user(b));
});
it('6 second click arrives after the first was answered', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.set('note', 'cart'));
  const second = instance.receive(b);
  await visit(b, (s) => s.signIn('ana6'));
  (await second.session()).signIn('ana6');
  const r = await second.answer();
  console.log('6:', r.status, await user(b), (await instance.receive(b).session()).get('note'));
});
it('7 increment while a guest signs in and counts too', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.increment('count'));
  const signIn = instance.receive(b);
  const s = await signIn.session(); s.signIn('ana7'); s.increment('count');
  const r = await visit(b, (x) => x.increment('count'));
  await signIn.answer();
  console.log('7:', r.status, 'count (3 expected)', (await instance.receive(b).session()).get('count'));
});
it('8 planted names', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.set('note', 'x'));
  const [key] = await redis.client.keys('session:*');
  for (const k of await redis.client.keys('session:*')) await redis.client.hset(k, '__proto__', '{"polluted":1}', 'constructor', '1');
  const s = await instance.receive(b).session();
  try { console.log('8:', s.fieldNames()); } catch (e) { console.log('8:', (e as Error).message); }
  console.log(({} as any).polluted, await instance.service.find(s.id!), key);
});
it('9 double sign-out then sign in', async () => {
  const b = new CookieJar();
  await visit(b, (s) => s.signIn('ana9'));
  const second = instance.receive(b);
  (await second.session()).destroy();
  await visit(b, (s) => s.destroy());
  await visit(b, (s) => s.signIn('ana9'));
  const r = await second.answer();
  console.log('9:', r.status, r.headers.getSetCookie().length, await user(b));
});
void saveSession; void RedisSessionRepository; void idOfToken;
