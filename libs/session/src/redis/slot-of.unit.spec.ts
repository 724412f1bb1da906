import { slotOf } from './slot-of.js';

describe('the slot of a key', () => {
  // By CLUSTER KEYSLOT of Redis 7.4.
  it.each([
    ['123456789', 12_739],
    ['session:{a1b2}:x', 9898],
    ['é', 10_180],
    ['{}{a}', 13_650],
    ['{a}{b}', 15_495],
    ['a{b', 13_340],
    ['', 0],
  ])('%s is %i', (key, slot) => expect(slotOf(key)).toBe(slot));
});
