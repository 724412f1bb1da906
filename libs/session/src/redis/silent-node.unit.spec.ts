import type { RedisClient } from '../redis-client.js';
import { SilentNode } from './silent-node.js';

describe('SilentNode', () => {
  it('asks for the slots once, however many answers are late in the same second', () => {
    let asked = 0;
    const node = new SilentNode({ refreshSlotsCache: () => asked++ } as unknown as RedisClient);
    for (let late = 0; late < 100; late++) node.suspect();
    expect(asked).toBe(1);
  });

  it('does nothing with a client that cannot ask', () => {
    expect(() => new SilentNode({} as RedisClient).suspect()).not.toThrow();
  });
});
