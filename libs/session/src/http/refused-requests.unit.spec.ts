import { mock } from 'node:test';
import { Logger } from '@nestjs/common';
import { SessionError } from '../session.errors.js';
import { logOutage, logRefusal, logRefusalsNow } from './refused-requests.js';

const AWAY = new SessionError('SESSION_STORE', 'Redis is away.');
const GONE = new SessionError('SESSION_GONE', 'The session has ended.');
const lines: string[] = [];
const keep = (line: string) => void lines.push(line);

describe('what the log says of requests that are refused', () => {
  beforeEach(() => {
    lines.length = 0;
    Logger.overrideLogger({ log: keep, warn: keep, error: keep });
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    logRefusalsNow();
    mock.timers.reset();
    Logger.overrideLogger(false);
  });

  it('is a line for each reason, and every ten seconds how many more there were', () => {
    for (let i = 0; i < 500; i++) logRefusal(AWAY);
    expect(lines).toEqual(['Redis is away.']);
    for (let i = 0; i < 20; i++) logRefusal(GONE);
    expect(lines.slice(1)).toEqual(['The session has ended.']);
    mock.timers.tick(10_000);
    expect(lines.slice(2)).toEqual([
      '518 more requests were refused. 499: Redis is away. 19: The session has ended.',
    ]);
    logRefusal(AWAY);
    mock.timers.tick(10_000);
    expect(lines.slice(3)).toEqual(['1 more request was refused. 1: Redis is away.']);
  });

  it('is nothing while there are none, and the first one is told of again afterwards', () => {
    logRefusal(AWAY);
    mock.timers.tick(60_000);
    expect(lines).toHaveLength(1);
    logRefusal(AWAY);
    expect(lines).toEqual(['Redis is away.', 'Redis is away.']);
  });

  it('names the three most frequent reasons, and tells ten apart', () => {
    logRefusal(AWAY);
    for (let i = 0; i < 1000; i++) logRefusal(new SessionError('SESSION_GONE', `Reason ${i}.`));
    for (let i = 0; i < 3; i++) logRefusal(new SessionError('SESSION_GONE', 'Reason 7.'));
    mock.timers.tick(10_000);
    expect(lines.slice(0, -1)).toHaveLength(10);
    expect(lines.at(-1)).toBe(
      '994 more requests were refused. 3: Reason 7. 991 for other reasons.',
    );
  });

  it('is told by an instance before it ends', () => {
    for (let i = 0; i < 3; i++) logRefusal(AWAY);
    logRefusalsNow();
    expect(lines[1]).toBe('2 more requests were refused. 2: Redis is away.');
    mock.timers.tick(60_000);
    expect(lines).toHaveLength(2);
  });

  it('is nothing of what an application may catch, unless Redis is away', () => {
    logOutage(GONE);
    expect(lines).toEqual([]);
    logOutage(AWAY);
    expect(lines).toEqual(['Redis is away.']);
  });
});
