import { type Write, WriteBatches } from './write-batches.js';

/** A Redis that answers when the test says so. */
function slowStore() {
  const batches: Write[][] = [];
  const answers: ((replies: unknown[]) => void)[] = [];
  const send = (_line: string, writes: readonly Write[]) => {
    batches.push([...writes]);
    return new Promise<unknown[]>((resolve) => answers.push(resolve));
  };
  return { batches, answers, send };
}

describe('writes that wait for the same', () => {
  it('go together when they come while others are under way', async () => {
    const { batches, answers, send } = slowStore();
    const writes = new WriteBatches(send, 1000);
    const first = writes.add('', [['a']]);
    const others = [writes.add('', [['b']]), writes.add('', [['c']])];
    expect(batches).toEqual([[[['a']]]]);
    answers[0]!([1]);
    await expect(first).resolves.toBe(1);
    expect(batches[1]).toEqual([[['b']], [['c']]]);
    answers[1]!([2, new Error('refused')]);
    await expect(others[0]).resolves.toBe(2);
    await expect(others[1]).rejects.toThrow('refused');
  });

  it('do not wait for those to another server', () => {
    const { batches, send } = slowStore();
    const writes = new WriteBatches(send, 1000);
    void writes.add('a1b2', [['a']]);
    void writes.add('c3d4', [['b']]);
    expect(batches).toEqual([[[['a']]], [[['b']]]]);
  });

  it('are dropped when whoever asked has been answered by then', async () => {
    const { batches, answers, send } = slowStore();
    const writes = new WriteBatches(send, 0);
    void writes.add('', [['late']]);
    expect(batches).toEqual([]);
    const patient = new WriteBatches(send, 1000);
    const next = patient.add('', [['in time']]);
    answers[0]!(['yes']);
    await expect(next).resolves.toBe('yes');
  });

  it('are dropped by when they were asked for, wherever they stood in line before', () => {
    const { batches, send } = slowStore();
    void new WriteBatches(send, 1000).add('', [['late']], performance.now() - 1000);
    expect(batches).toEqual([]);
  });

  it('may be several commands each, and the answer is up to the one who sends them', async () => {
    const { batches, answers, send } = slowStore();
    const write = new WriteBatches(send, 1000).add('', [['asking'], ['a']]);
    expect(batches).toEqual([[[['asking'], ['a']]]]);
    answers[0]!(['yes']);
    await expect(write).resolves.toBe('yes');
  });

  it('all fail when the connection does, and the next ones are sent again', async () => {
    let isUp = false;
    const writes = new WriteBatches<string>(async (_line, batch) => {
      if (!isUp) throw new Error('away');
      return batch.map(() => 'yes');
    }, 1000);
    await expect(writes.add('', [['a']])).rejects.toThrow('away');
    isUp = true;
    await expect(writes.add('', [['b']])).resolves.toBe('yes');
  });
});
