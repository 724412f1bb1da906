import type { ServerFacts } from '../server-facts.js';
import { checkClock, checkClocks } from './time.js';

const clock = (aheadMs: number, errorMs = 5) => ({ aheadMs, errorMs });
const facts = (aheadMs: number): ServerFacts => ({
  info: new Map(),
  config: new Map(),
  clock: clock(aheadMs),
  sampledKeys: 0,
  keysWithoutTtl: 0,
  foreignKeys: 0,
  layouts: new Map(),
});

describe('the doctor, asked about clocks', () => {
  it('warns of a clock that is more than a second from the one here, and says which is ahead', () => {
    expect(checkClock(facts(1006))).toMatchObject({
      severity: 'warning',
      finding: '1.0 s ahead of the clock here',
    });
    expect(checkClock(facts(-2_700_000)).finding).toBe('2700.0 s behind the clock here');
    expect(checkClock(facts(1005)).severity).toBe('ok');
  });

  it('warns of servers of a Cluster that are more than a second apart', () => {
    expect(checkClocks([clock(0), clock(600), clock(-900)])).toMatchObject({
      severity: 'warning',
      finding: 'those of 3 servers are 1.5 s apart',
    });
  });

  it('does not take a slow answer for a wrong clock', () => {
    expect(checkClocks([clock(0, 1), clock(1500, 600)]).severity).toBe('ok');
  });

  it('says how many servers did not tell', () => {
    expect(checkClocks([clock(0)], 2)).toMatchObject({
      severity: 'unknown',
      finding: '2 of the servers did not tell the time',
    });
  });
});
