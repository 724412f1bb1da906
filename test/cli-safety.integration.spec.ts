import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { startApp, type TestApp } from './support/app.js';
import { launchRedis } from '../redis-server/launch.js';
import { useCleanup } from './support/cleanup.js';
import { describeUnless, notOurs } from './support/obstacles.js';
import { useRedis } from './support/redis.js';
import { runCli, runCliWith } from './support/run-cli.js';
import { sessionOf } from './events/support/listening-site.js';
import { Visitor, VisitorController } from './support/visitor.js';

const SECRET = 'hunter2';
/** A command for each name that asks Redis for something. */
const COMMANDS: [name: string, ...args: string[]][] = [
  ['doctor'],
  ['list', '--user', 'alice'],
  ['show', 'A'.repeat(32)],
  ['revoke', 'A'.repeat(32)],
  ['revoke', '--user', 'alice', '--yes'],
  ['count', '--by', 'tenant'],
  ['watch'],
];

describe('what a terminal obeys', () => {
  const redis = useRedis();
  let site: TestApp;
  beforeAll(async () => {
    const options = { redis: redis.url, keyPrefix: 'safe:', storeTimeoutMs: 5000 };
    site = await startApp('express', options, { controllers: [VisitorController] });
  });
  afterAll(() => site?.app.close());

  const USER = 'eve\u001b]0;owned\u0007\r\n\u009b2J\u202e\u2028';
  // oxlint-disable-next-line no-control-regex -- they are what is meant.
  const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/;

  it('never reaches it: not in user ids, agents, fields and values, in no form', async () => {
    const visitor = new Visitor(site);
    await visitor.jar.fetch(`${site.url}/sign-in?user=${encodeURIComponent(USER)}`, {
      method: 'POST',
      headers: { 'user-agent': 'evil\u009b2J/1.0' },
    });
    await visitor.post('write', { note: '\u009b2J\u202e' });
    const id = sessionOf(visitor);
    const [key] = await redis.client.keys(`safe:session:*${id}`);
    await redis.client.hset(key!, 'field\u001b[2J', '1', '~agent', 'Mozilla\u001b[2J\n\u009b');
    const all = ['--key-prefix=safe:', '--redis', redis.url];
    const said = [
      await runCli('list', '--user', USER, ...all),
      await runCli('list', '--user', USER, '--json', ...all),
      await runCli('show', id, '--values', ...all),
      await runCli('show', id, '--values', '--json', ...all),
      await runCli('revoke', '--user', USER, ...all),
      await runCli('revoke', '--user', USER, '--yes', ...all),
      await runCli('list', '--user', USER, ...all),
    ];
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0, 1, 0, 1]);
    for (const { out, err } of said) expect(out + err).not.toMatch(OBEYED);
    const [, json, shown, shownJson] = said.map(({ out }) => out);
    expect(JSON.parse(json!)).toMatchObject([{ userId: USER, agent: 'Mozilla\u001b[2J\n\u009b' }]);
    expect(shown).toContain('eve\\x1b]0;owned\\x07\\x0d\\x0a\\x9b2J\\u{202e}\\u{2028}');
    expect(shown).toMatch(/^field\\x1b\[2J +1 +1$/m);
    const { fields } = JSON.parse(shownJson!) as { fields: { name: string; value: unknown }[] };
    expect(fields.find(({ name }) => name === 'note')?.value).toBe('\u009b2J\u202e');
  });
});

describe('secrets', () => {
  it.each([
    [`redis://:${SECRET}@127.0.0.1:1`, /^The Redis could not be looked at: ECONNREFUSED\.$/m],
    [`redis://alice:${SECRET}/@127.0.0.1:1`, /an @ behind its host/],
    [`redis://${SECRET}#x@127.0.0.1:1`, /an @ behind its host/],
    [`http://:${SECRET}@127.0.0.1:1`, /begins with redis:\/\/ or rediss:\/\//],
    [`--redis://:${SECRET}@127.0.0.1:1`, /Unknown option/],
  ])('of a URL are not repeated (%#)', async (url, expected) => {
    for (const [name, ...args] of COMMANDS) {
      const { code, out, err } = await runCliWith({}, name, url, ...args);
      expect({ name, code, out }).toEqual({ name, code: 2, out: '' });
      expect(err).toMatch(expected);
      expect(err).not.toContain(SECRET);
    }
  });

  it('of REDIS_URL are not repeated by the program itself', async () => {
    const url = `redis://:${SECRET}@127.0.0.1:1`;
    const { code, err } = await runCliWith({ REDIS_URL: url }, 'list', '--user', 'alice');
    expect({ code, err }).toEqual({
      code: 2,
      err: 'The Redis could not be looked at: ECONNREFUSED.\n',
    });
  });

  it('of a wrong account are not repeated', async () => {
    const server = await launchRedis();
    const { host } = new URL(server.url);
    const { code, err } = await runCli('list', `redis://alice:${SECRET}@${host}`, '--user', 'bob');
    await server.stop();
    expect(code).toBe(2);
    expect(err).toMatch(/WRONGPASS/);
    expect(err).not.toContain(SECRET);
  });

  it('that were given in the place of an id are not repeated', async () => {
    const token = 'A'.repeat(43);
    for (const name of ['show', 'revoke']) {
      const { code, err } = await runCliWith({}, name, 'redis://127.0.0.1:1', token);
      expect(code).toBe(2);
      expect(err).toMatch(/^Argument 1 is not the id of a session\..*a token is none\.$/m);
      expect(err).not.toContain(token);
    }
  });
});

describe('wrong usage', () => {
  it.each([
    ['list', [], 'list needs --user <userId>.'],
    ['show', [], 'show takes one id.'],
    ['show', ['A'.repeat(32), 'B'.repeat(32)], 'show takes one id.'],
    ['revoke', [], 'revoke takes ids, or --user <userId>.'],
    ['revoke', ['A'.repeat(32), '--user', 'alice'], 'revoke takes ids, or --user <userId>.'],
    ['count', [], 'count needs --by <field>.'],
    ['watch', ['more'], 'watch takes no further arguments.'],
    ['list', ['--user', 'alice', '--yes'], "Unknown option '--yes'"],
    ['list', ['--user', 'alice', '--redis', 'redis://localhost'], 'Two URLs were given.'],
  ])('of %s %j ends with 2 and says what is wrong', async (name, args, message) => {
    // Nobody listens there: it is refused before Redis is asked.
    const { code, out, err } = await runCliWith({}, name, 'redis://127.0.0.1:1', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain(`nestjs-redis-session ${name} --help`);
  });

  it('without any URL says where it may stand', async () => {
    const { code, err } = await runCliWith({}, 'list', '--user', 'alice');
    expect(code).toBe(2);
    expect(err).toMatch(/^Say which Redis, such as redis:\/\/localhost:6379, or set REDIS_URL\.$/m);
  });
});

describeUnless(notOurs, 'a Redis that does not answer', () => {
  const defer = useCleanup();

  it('ends every command in time', async () => {
    const silent = createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    defer(() => silent.close());
    const url = `redis://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const said = await Promise.all(COMMANDS.map(([name, ...args]) => runCli(name, url, ...args)));
    expect(said.map(({ code, out }) => ({ code, out }))).toEqual(
      COMMANDS.map(() => ({ code: 2, out: '' })),
    );
    for (const { err } of said) expect(err).toMatch(/^The Redis could not be looked at: /);
  }, 120_000);
});
