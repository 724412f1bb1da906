import type { SessionService } from 'nestjs-redis-session';
import { SessionService as Service } from 'nestjs-redis-session';
import { readText } from './support/documentation.js';
import { startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { runCli, runCliWith, RunningCli } from './support/run-cli.js';
import { describeUnless, noTerminal } from './support/obstacles.js';
import { sessionOf } from './events/support/listening-site.js';
import { Visitor, VisitorController } from './support/visitor.js';

const redis = useRedis();
let site: TestApp;
let service: SessionService;
beforeAll(async () => {
  const options = { redis: redis.url, keyPrefix: 'shop:', storeTimeoutMs: 5000 };
  site = await startApp('fastify', options, { controllers: [VisitorController] });
  service = site.app.get(Service);
});
afterAll(() => site?.app.close());

const cli = (...args: string[]) =>
  runCliWith({ REDIS_URL: redis.url }, ...args, '--key-prefix', 'shop:');

async function signedIn(user: string, agent = 'curl/8.11.1'): Promise<Visitor> {
  const visitor = new Visitor(site);
  await visitor.jar.fetch(`${site.url}/sign-in?user=${encodeURIComponent(user)}`, {
    method: 'POST',
    headers: { 'user-agent': agent },
  });
  return visitor;
}

async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.get('private')).status === 200;
}

describe('list', () => {
  it('shows the sessions of a user as a table, newest first', async () => {
    const [phone, laptop] = [await signedIn('alice'), await signedIn('alice')];
    const { code, out, err } = await cli('list', '--user', 'alice');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head).toMatch(/^ID +DEVICE +ADDRESS +CREATED +LAST SEEN +EXPIRES$/);
    expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual([sessionOf(laptop), sessionOf(phone)]);
    expect(rows[0]).toMatch(
      /^\S+ +curl +127\.0\.0\.1 +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d +(now|\d+ s ago) +in (29|30) min$/,
    );
  });

  it('prints for programs what SessionService tells, moments in UTC', async () => {
    const visitor = await signedIn('bob');
    const { code, out } = await cli('list', '--user', 'bob', '--json');
    const [{ data, unreadableFields, isCurrent, expiresInSeconds, ...info }] =
      (await service.listByUser('bob')) as [
        Awaited<ReturnType<SessionService['listByUser']>>[number],
      ];
    expect({ data, unreadableFields, isCurrent, expiresInSeconds }).toMatchObject({ data: {} });
    expect({ code, sessions: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      sessions: JSON.parse(JSON.stringify([info])) as unknown,
    });
    expect(info.id).toBe(sessionOf(visitor));
  });

  it('ends with 1 for a user without sessions', async () => {
    expect(await cli('list', '--user', 'nobody')).toEqual({
      code: 1,
      out: '',
      err: 'The user nobody has no sessions.\n',
    });
    expect(await cli('list', '--user', 'nobody', '--json')).toMatchObject({ code: 1, out: '[]\n' });
  });

  it('also shows a session with a field that is no JSON', async () => {
    const id = sessionOf(await signedIn('olga'));
    const [key] = await redis.client.keys(`shop:session:*${id}`);
    await redis.client.hset(key!, 'broken', '{');
    expect((await cli('list', '--user', 'olga')).out).toContain(id);
    const { code, out } = await cli('show', id, '--json', '--values');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      fields: [{ name: 'broken', bytes: 1, isJson: false, value: '{' }],
    });
  });

  it('takes the URL as first argument, by --redis and from REDIS_URL', async () => {
    await signedIn('carol');
    const said = ['--user', 'carol', '--key-prefix=shop:'];
    const ways = [
      await runCli('list', redis.url, ...said),
      await runCli('list', '--redis', redis.url, ...said),
      await cli('list', '--user', 'carol'),
    ];
    expect(ways.map(({ code }) => code)).toEqual([0, 0, 0]);
    const other = await runCliWith(
      { REDIS_URL: 'redis://127.0.0.1:1' },
      'list',
      redis.url,
      ...said,
    );
    expect(other.code).toBe(0);
  });
});

const noFullDisk = process.platform !== 'linux' && 'needs the /dev/full of Linux';

describeUnless(noFullDisk, 'results that cannot be written', () => {
  it('are a failure on a full disk, and none where nobody reads them to the end', async () => {
    await signedIn('rob');
    const list = `list ${redis.url} --user rob --key-prefix=shop:`;
    const full = RunningCli.inShell(`${list} > /dev/full`);
    expect(await full.ended()).toBe(2);
    expect(full.err).toBe('The results could not be written: ENOSPC.\n');
    const unread = RunningCli.inShell(`${list} | true; exit \${PIPESTATUS[0]}`);
    expect(await unread.ended()).toBe(0);
    expect(unread.err).toBe('');
  });
});

describe('show', () => {
  let id: string;
  beforeAll(async () => {
    const visitor = await signedIn('dora');
    await visitor.post('write', { note: 'a secret thing' });
    id = sessionOf(visitor);
  });

  it('tells the facts of a session, and only the sizes of its fields', async () => {
    const { code, out, err } = await cli('show', id);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^user +dora$/m);
    expect(out).toMatch(/^proved +\S+ \((now|\d+ s ago)\)$/m);
    expect(out).toMatch(/^ends +\S+ \(in 11 h\), whatever comes$/m);
    expect(out).toMatch(/^FIELD +BYTES$/m);
    expect(out).toMatch(/^note +16$/m);
    expect(out).toMatch(/^count +1$/m);
    expect(out).not.toContain('secret thing');
  });

  it('shows values with --values', async () => {
    expect((await cli('show', id, '--values')).out).toMatch(/^note +16 +"a secret thing"$/m);
  });

  it('prints the same for programs', async () => {
    const shown = async (...options: string[]) =>
      JSON.parse((await cli('show', id, '--json', ...options)).out) as { fields: object[] };
    const plain = await shown();
    expect(plain).toMatchObject({
      id,
      userId: 'dora',
      authenticatedAt: expect.any(String) as string,
    });
    expect(plain.fields).toContainEqual({ name: 'note', bytes: 16, isJson: true });
    expect(JSON.stringify(plain)).not.toContain('secret thing');
    expect((await shown('--values')).fields).toContainEqual({
      name: 'lines',
      bytes: 39,
      isJson: true,
      value: [{ sku: 'a secret thing', quantity: 1 }],
    });
  });

  it('says where a session lives on that was given a new token', async () => {
    const visitor = await signedIn('erin');
    const before = sessionOf(visitor);
    await visitor.post('renew');
    const { code, out, err } = await cli('show', before);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(`It goes on as ${sessionOf(visitor)}.`);
  });
});

describe('revoke', () => {
  it('ends the sessions with these ids, and no others', async () => {
    const visitors = [await signedIn('fay'), await signedIn('fay'), await signedIn('fay')];
    const [first, second] = visitors.map(sessionOf);
    const { code, out } = await cli('revoke', first!, second!);
    expect({ code, out }).toEqual({ code: 0, out: `Ended ${first}.\nEnded ${second}.\n` });
    expect(await Promise.all(visitors.map(isSignedIn))).toEqual([false, false, true]);
  });

  it('says which were not there, and ends with 1', async () => {
    const visitor = await signedIn('gus');
    const id = sessionOf(visitor);
    const gone = `${id.slice(0, 4)}${'A'.repeat(28)}`;
    const { code, out, err } = await cli('revoke', gone, id, '--json');
    expect(code).toBe(1);
    expect(err).toMatch(/^There is no session \S+\. It has expired/);
    expect(JSON.parse(out)).toEqual([
      { id: gone, isRevoked: false },
      { id, isRevoked: true },
    ]);
    expect(await isSignedIn(visitor)).toBe(false);
    expect((await cli('revoke', id)).err).toContain(`There is no session ${id} any more: revoked.`);
  });

  it('takes an id that begins like an option', async () => {
    const id = `-${'A'.repeat(31)}`;
    const { code, err } = await cli('revoke', id);
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(id) as string });
  });

  it('refuses to sign a user out where nobody can be asked', async () => {
    const visitor = await signedIn('hal');
    const { code, out, err } = await cli('revoke', '--user', 'hal');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      'Nothing was ended: 1 session of the user hal would be, and there is no terminal to ask at. Say --yes.\n',
    );
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it('signs a user out everywhere with --yes, and nobody else', async () => {
    const [one, two, other] = [await signedIn('ida'), await signedIn('ida'), await signedIn('jo')];
    const { code, out } = await cli('revoke', '--user', 'ida', '--yes');
    expect({ code, out }).toEqual({ code: 0, out: 'Ended 2 sessions of the user ida.\n' });
    const visitors = [one, two, other];
    expect(await Promise.all(visitors.map(isSignedIn))).toEqual([false, false, true]);
    expect(await cli('revoke', '--user', 'ida', '--yes', '--json')).toMatchObject({ code: 1 });
  });

  it('remembers the sign-out for as long as any session can live', async () => {
    await signedIn('kim');
    const { out } = await cli('revoke', '--user', 'kim', '--yes', '--json');
    expect(JSON.parse(out)).toEqual({ userId: 'kim', revoked: 1 });
    const [epoch] = await redis.client.keys('shop:session-epoch:*:kim');
    expect(await redis.client.ttl(epoch!)).toBeGreaterThan(399 * 86_400);
  });
});

describe('the user of Redis that the documentation tells to make', () => {
  it('may list, show and revoke, and is told that nobody heard of it', async () => {
    const [, rules = ''] = /^ACL SETUSER shop ([^`]+)```/m.exec(readText('docs/security.md')) ?? [];
    await redis.client.call('ACL', 'SETUSER', 'shop', ...rules.trim().split(/\s+/));
    const visitor = await signedIn('pia');
    const url = `redis://shop:password@${new URL(redis.url).host}`;
    const as = (...args: string[]) => runCli(...args, '--redis', url, '--key-prefix=shop:');
    expect((await as('list', '--user', 'pia')).code).toBe(0);
    expect((await as('show', sessionOf(visitor))).code).toBe(0);
    const { code, err } = await as('revoke', '--user', 'pia', '--yes');
    expect(code).toBe(0);
    expect(err).toMatch(/^What became of sessions could not be told to the instances\..*NOPERM/m);
    expect(await isSignedIn(visitor)).toBe(false);
    await redis.client.call('ACL', 'DELUSER', 'shop');
  });
});

describeUnless(noTerminal, 'at a terminal', () => {
  const ask = async (user: string) => {
    const program = RunningCli.atTerminal(
      120,
      'revoke',
      redis.url,
      '--user',
      user,
      '--key-prefix=shop:',
    );
    await program.untilSaid(/\[y\/N\]/);
    return program;
  };

  it('revoke asks how many, and whose, and goes on with a yes', async () => {
    const visitor = await signedIn('lea');
    const program = await ask('lea');
    expect(program.out).toContain('End 1 session of the user lea? [y/N]');
    expect(await isSignedIn(visitor)).toBe(true);
    program.type('y\n');
    expect(await program.ended()).toBe(0);
    expect(program.out).toContain('Ended 1 session of the user lea.');
    expect(await isSignedIn(visitor)).toBe(false);
  });

  it.each([
    ['no', 'n\n'],
    ['Enter', '\n'],
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('revoke ends nothing after %s', async (_name, typed) => {
    const visitor = await signedIn('max');
    const program = await ask('max');
    program.type(typed);
    expect(await program.ended()).toBe(1);
    expect(program.out).toContain('Nothing was ended.');
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it('tables are cut to its width', async () => {
    await signedIn('ned');
    const args = ['list', redis.url, '--user', 'ned', '--key-prefix=shop:'];
    const program = RunningCli.atTerminal(60, ...args);
    expect(await program.ended()).toBe(0);
    const lines = program.out.trimEnd().split('\r\n');
    expect(lines.map((line) => [line.length, line.at(-1)])).toEqual([
      [60, '…'],
      [60, '…'],
    ]);
    expect((await runCli(...args)).out).toMatch(/in \d+ min$/m);
  });
});

describe('revoke-all', () => {
  const withNote = async (user: string, note: string) => {
    const visitor = await signedIn(user);
    await visitor.post('write', { note });
    return visitor;
  };

  it('ends sessions from before a moment, of one tenant', async () => {
    const [acme, zeta] = [await withNote('uma', 'acme'), await withNote('vic', 'zeta')];
    const { code, out, err } = await cli(
      'revoke-all',
      '--before=now',
      '--where=note=acme',
      '--yes',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^Ended all sessions with note=acme of users who authenticated before \d{4}-\S+\.\n$/,
    );
    expect([await isSignedIn(acme), await isSignedIn(zeta)]).toEqual([false, true]);
  });

  it('takes numbers and moments, ends those of guests with --guests, and prints for programs', async () => {
    const visitor = await signedIn('wim');
    await visitor.post('write', { note: 'a' });
    const guest = new Visitor(site);
    await guest.post('write', { note: 'b' });
    const before = '2026-01-01T00:00:00+01:00';
    const early = await cli('revoke-all', `--before=${before}`, '--yes', '--json');
    expect(early.code).toBe(0);
    expect(JSON.parse(early.out)).toEqual({
      before: '2025-12-31T23:00:00.000Z',
      where: null,
      guests: false,
    });
    expect(await isSignedIn(visitor)).toBe(true);
    const options = ['--before=now', '--where=count=1', '--guests', '--yes', '--json'];
    const all = await cli('revoke-all', ...options);
    expect(JSON.parse(all.out)).toMatchObject({ where: { count: 1 }, guests: true });
    expect(await isSignedIn(visitor)).toBe(false);
    expect(await (await guest.get('read')).json()).toMatchObject({ note: null });
  });

  it('ends nothing where there is no terminal to ask at, without --yes', async () => {
    const visitor = await signedIn('xenia');
    const { code, err } = await cli('revoke-all', '--before', 'now');
    expect(code).toBe(1);
    expect(err).toMatch(/^Nothing was ended: all sessions of users .* Say --yes\.\n$/);
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it.each([
    [[]],
    [['--before']],
    [['--before', 'yesterday', '--yes']],
    [['--before', '2026-01-01', '--yes']],
    [['--before', '2026-01-01T00:00:00', '--yes']],
    [['--before', '2026-13-01T00:00:00Z', '--yes']],
    [['--before', '2126-01-01T00:00:00Z', '--yes']],
    [['--before', 'now', '--yes', '--where', 'note']],
    [['--before', 'now', '--yes', '--where', '~user=alice']],
    [['--before', 'now', '--yes', 'an-id']],
  ])('ends nothing with %j', async (args) => {
    const visitor = await signedIn('yan');
    expect(await cli('revoke-all', ...args)).toMatchObject({ code: 2, out: '' });
    expect(await isSignedIn(visitor)).toBe(true);
  });
});
