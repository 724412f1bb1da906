import { idOfToken, shardOfId } from '../core/token.js';
import { partsOf } from './cluster-slots.js';
import { slotOf } from './slot-of.js';

describe('the parts of a Cluster', () => {
  const slotsOf = (...shards: [name: string, slots: number][]) =>
    shards.flatMap(([name, slots]) => Array.from({ length: slots }, () => [name, 'a replica']));

  it('have a token each that leads there, and their share', () => {
    const slots = slotsOf(['a', 8192], ['b', 4096], ['c', 4096]);
    const parts = partsOf(slots);
    expect(parts.map(({ share }) => share).toSorted()).toEqual([0.25, 0.25, 0.5]);
    const owners = parts.map(({ token }) => slots[slotOf(shardOfId(idOfToken(token)))]![0]);
    expect(owners.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('are one while the client is not connected', () => {
    expect(partsOf([])).toMatchObject([{ share: 1 }]);
  });

  it('count slots that have no server', () => {
    expect(partsOf(slotsOf(['a', 8192]))).toMatchObject([{ share: 0.5 }, { share: 0.5 }]);
  });

  it('are 64 at most', () => {
    const names = Array.from({ length: 256 }, (_, i): [string, number] => [`shard ${i}`, 64]);
    expect(partsOf(slotsOf(...names))).toHaveLength(64);
  });
});
