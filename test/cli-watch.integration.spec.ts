import { Injectable } from '@nestjs/common';
import { OnSessionEvent, type SessionEvent } from 'nestjs-redis-session/events';
import { FaultProxy } from './support/fault-proxy.js';
import {
  type ListeningSite,
  sessionOf,
  startListeningSite,
} from './events/support/listening-site.js';
import { eventually } from './support/eventually.js';
import { useRedis } from './support/redis.js';
import { runCli, RunningCli } from './support/run-cli.js';
import { Visitor } from './support/visitor.js';

const handled: SessionEvent[] = [];

@Injectable()
class Audit {
  @OnSessionEvent('revoked', { group: 'audit' }) onRevoked(event: SessionEvent) {
    handled.push(event);
  }
}

const redis = useRedis({ settings: { 'notify-keyspace-events': 'Ex' } });
let site: ListeningSite;
beforeAll(async () => {
  const options = { redis: redis.url, storeTimeoutMs: 5000 };
  site = await startListeningSite('express', options, { stream: {} }, { providers: [Audit] });
});
afterAll(() => site?.app.close());

async function signedIn(user: string): Promise<Visitor> {
  const visitor = new Visitor(site);
  await visitor.post(`sign-in?user=${user}`);
  return visitor;
}

async function watching(url = redis.url, ...args: string[]): Promise<RunningCli> {
  const program = RunningCli.start('watch', url, ...args);
  await program.untilSaid(/^Listening/m);
  return program;
}

async function endedBy(program: RunningCli, signal: NodeJS.Signals): Promise<number | null> {
  program.signal(signal);
  return program.ended();
}

describe('watch', () => {
  it('has a line for each event, and ends with 0 on Ctrl-C', async () => {
    const program = await watching();
    const visitor = await signedIn('alice');
    const id = sessionOf(visitor);
    await visitor.delete('users/alice');
    await program.untilSaid(/ revoked /);
    expect(await endedBy(program, 'SIGINT')).toBe(0);
    const [first, second] = program.out.trimEnd().split('\n');
    const by = `by ${site.events.instance}`;
    expect(first).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d {2}signed-in {3}/);
    expect(first!.endsWith(`  ${id}  alice  ${by}`)).toBe(true);
    expect(second!.endsWith(`revoked     ${id}  alice  revoked  ${by}`)).toBe(true);
    expect(program.err).toBe('Listening. Ctrl-C ends it.\n');
  });

  it('prints only the types that are asked for, a line of JSON each', async () => {
    const program = await watching(redis.url, '--json', '--type', 'revoked,signed-out');
    const visitor = await signedIn('bob');
    const id = sessionOf(visitor);
    await visitor.post('sign-out');
    await program.untilSaid(/signed-out/);
    expect(await endedBy(program, 'SIGTERM')).toBe(0);
    expect(program.out.split('\n')).toHaveLength(2);
    expect(JSON.parse(program.out)).toEqual({
      type: 'signed-out',
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      sessionId: id,
      userId: 'bob',
      instance: site.events.instance,
    });
  });

  it('prints sessions that expire, if they are asked for', async () => {
    const program = await watching(redis.url, '--type', 'expired');
    const id = sessionOf(await signedIn('carol'));
    for (const key of await redis.client.keys(`session:*${id}`)) await redis.client.pexpire(key, 1);
    await program.untilSaid(new RegExp(` expired +${id} +-$`, 'm'));
    expect(await endedBy(program, 'SIGINT')).toBe(0);
  });

  it('says when it may have missed something, and goes on', async () => {
    const proxy = await FaultProxy.to(redis.url);
    const program = await watching(proxy.url, '--json');
    proxy.refuseConnections();
    await program.untilSaid(/not heard until it is put right/);
    proxy.behave();
    await program.untilSaid(/"type":"gap"/);
    await signedIn('olga');
    await program.untilSaid(/"type":"signed-in".*"olga"/);
    expect(await endedBy(program, 'SIGINT')).toBe(0);
    await proxy.close();
    const [gap] = program.out.split('\n').map((line) => JSON.parse(line || '{}') as object);
    expect(gap).toEqual({ type: 'gap', at: expect.any(String), since: expect.any(String) });
  });

  it('ends when nobody reads it any more', async () => {
    const program = await watching();
    program.stopReading();
    let isEnded = false;
    const ended = program.ended().finally(() => (isEnded = true));
    await eventually('it ends', async () => {
      await signedIn('alice');
      return isEnded;
    });
    expect(await ended).toBe(0);
  });

  it('refuses types that there are not', async () => {
    const { code, err } = await runCli('watch', redis.url, '--type', 'revoked,ended');
    expect(code).toBe(2);
    expect(err).toMatch(/There are created, signed-in, .*, revoked, expired\./);
  });
});

describe('revoke', () => {
  it('is heard by the instances, and stands in the stream for their groups', async () => {
    const id = sessionOf(await signedIn('dora'));
    handled.length = 0;
    expect((await runCli('revoke', redis.url, id)).err).toBe('');
    await eventually('a group has handled it', async () => handled.length > 0);
    const event = { type: 'revoked', sessionId: id, userId: 'dora', reason: 'revoked' };
    expect(handled).toMatchObject([event]);
    await eventually('the instance has heard it', async () =>
      site.heard.some(({ type, sessionId }) => type === 'revoked' && sessionId === id),
    );
  });
});
