import { pauseBefore, RetryPace } from './connecting.js';

describe('the pauses between attempts to connect', () => {
  const pauses = (attempt: number) => Array.from({ length: 200 }, () => pauseBefore(attempt));

  it('are short while a server has just gone, and 1.2 seconds at most', () => {
    expect(Math.max(...pauses(1))).toBeLessThanOrEqual(75);
    expect(Math.max(...pauses(10))).toBeLessThanOrEqual(300);
    for (const attempt of [100, 10_000]) {
      expect(Math.max(...pauses(attempt))).toBeLessThanOrEqual(1200);
      expect(Math.min(...pauses(attempt))).toBeGreaterThanOrEqual(400);
    }
  });

  it('differ, so that instances come back one by one', () => {
    const apart = pauses(100).toSorted((a, b) => a - b);
    expect(apart.at(-1)! - apart[0]!).toBeGreaterThan(400);
  });

  it('are short again where the attempt itself took long', () => {
    // Without an attempt that began a moment ago.
    expect(new RetryPace().retryStrategy(100)).toBeLessThanOrEqual(75);
  });
});
