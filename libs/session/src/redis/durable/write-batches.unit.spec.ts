import { type Command, WriteBatches } from './write-batches.js';

/** A Redis that answers when the test says so. */
function slowStore() {
  const batches: Command[][] = [];
  const answers: ((replies: unknown[]) => void)[] = [];
  const send = (commands: readonly Command[]) => {
    batches.push([...commands]);
    return new Promise<unknown[]>((resolve) => answers.push(resolve));
  };
  return { batches, answers, send };
}

describe('writes that wait for the same', () => {
  it('go together when they come while others are under way', async () => {
    const { batches, answers, send } = slowStore();
    const writes = new WriteBatches(send, 1000);
    const first = writes.add('', ['a']);
    const others = [writes.add('', ['b']), writes.add('', ['c'])];
    expect(batches).toEqual([[['a']]]);
    answers[0]!([1]);
    await expect(first).resolves.toBe(1);
    expect(batches[1]).toEqual([['b'], ['c']]);
    answers[1]!([2, new Error('refused')]);
    await expect(others[0]).resolves.toBe(2);
    await expect(others[1]).rejects.toThrow('refused');
  });

  it('do not wait for those of another slot', () => {
    const { batches, send } = slowStore();
    const writes = new WriteBatches(send, 1000);
    void writes.add('a1b2', ['a']);
    void writes.add('c3d4', ['b']);
    expect(batches).toEqual([[['a']], [['b']]]);
  });

  it('are dropped when whoever asked has been answered by then', async () => {
    const { batches, answers, send } = slowStore();
    const writes = new WriteBatches(send, 0);
    void writes.add('', ['late']);
    expect(batches).toEqual([]);
    const patient = new WriteBatches(send, 1000);
    const next = patient.add('', ['in time']);
    answers[0]!(['yes']);
    await expect(next).resolves.toBe('yes');
  });

  it('all fail when the connection does, and the next ones are sent again', async () => {
    let isUp = false;
    const writes = new WriteBatches(async (commands) => {
      if (!isUp) throw new Error('away');
      return commands.map(() => 'yes');
    }, 1000);
    await expect(writes.add('', ['a'])).rejects.toThrow('away');
    isUp = true;
    await expect(writes.add('', ['b'])).resolves.toBe('yes');
  });
});
