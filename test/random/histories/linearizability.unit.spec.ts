import fc from 'fast-check';
import type { Call, History, Outcome } from './history.js';
import { explain } from './linearizability.js';
import { type Operation, SESSION_MODEL } from './session-model.js';
import { violationOf } from './timeline.js';

type SessionHistory = History<Operation>;

const set = (text: string) =>
  ({ kind: 'commit', id: 'a', changes: { note: { kind: 'set', text } } }) as const;
const replace = (expected: string, text: string) =>
  ({ kind: 'commit', id: 'a', changes: { note: { kind: 'replace', expected, text } } }) as const;
const CREATE = { kind: 'create', id: 'a', changes: {} } as const;

const OPERATIONS: Record<string, Operation> = {
  create: CREATE,
  read: { kind: 'read', id: 'a' },
  'read b': { kind: 'read', id: 'b' },
  touch: { kind: 'touch', id: 'a' },
  'set 0': set('0'),
  'set 1': set('1'),
  'set 2': set('2'),
  'replace 0 by 1': replace('0', '1'),
  'replace 0 by 2': replace('0', '2'),
  'replace 1 by 3': replace('1', '3'),
  add: { kind: 'commit', id: 'a', changes: { visits: { kind: 'add', amount: 1 } } },
  'append x': { kind: 'append', id: 'a', item: 'x' },
  renew: { kind: 'renew', id: 'a', next: 'b' },
  'renew to c': { kind: 'renew', id: 'a', next: 'c' },
  'sign-out': { kind: 'sign-out', id: 'a' },
  void: { kind: 'void' },
  end: { kind: 'end' },
};

/** Of calls such as `add 2-5 saved`: the operation, when it was invoked and returned, and its answer or what else is known. */
function historyOf(calls: readonly string[]): SessionHistory {
  return ['create 0-1 saved', ...calls].map((text, worker) => {
    const [, name = '', from, to, answer = ''] = /^(.+) (\d+)-(\d+) (.+)$/.exec(text)!;
    const isUnanswered = answer === 'unknown' || answer === 'refused';
    const outcome: Outcome = isUnanswered ? { kind: answer } : { kind: 'answered', answer };
    const operation = OPERATIONS[name]!;
    return { worker, operation, invokedAt: Number(from), returnedAt: Number(to), outcome };
  });
}

const isAccepted = (history: SessionHistory) => explain(SESSION_MODEL, history).isComplete;

describe('a history of a session is accepted if it is', () => {
  it.each<[string, ...string[]]>([
    ['nothing else'],
    ['a read of an earlier write', 'set 1 2-3 saved', 'read 4-5 {note=1}'],
    ['a read during a write, of the old', 'set 1 2-9 saved', 'read 3-4 {}'],
    ['a read during a write, of the new', 'set 1 2-9 saved', 'read 3-4 {note=1}'],
    ['two parallel additions', 'add 2-5 saved', 'add 3-4 saved', 'read 6-7 {visits=2}'],
    ['an unknown write that was never carried out', 'set 1 2-3 unknown', 'read 4-5 {}'],
    [
      'an unknown write that was carried out later',
      'set 1 2-3 unknown',
      'read 4-5 {}',
      'read 6-7 {note=1}',
    ],
    [
      'an unknown sign-out that came after a later write',
      'sign-out 2-3 unknown',
      'set 1 4-5 saved',
      'read 6-7 gone',
    ],
    ['a refused write', 'set 1 2-3 refused', 'read 4-5 {}'],
    [
      'a conflict with a quicker write',
      'set 1 2-9 saved',
      'replace 0 by 2 3-8 conflict note=1',
      'read 10-11 {note=1}',
    ],
    [
      'a renewal: the old id is dead, and a request that began under it finds the new one',
      'renew 2-3 renewed',
      'set 1 4-5 gone',
      'append x 6-7 changed',
      'read b 8-9 {parts=["x"]}',
    ],
    [
      'a sign-out everywhere that refuses a renewal before it ends the session',
      'void 2-9 void',
      'end 2-9 1',
      'renew 3-4 unchanged',
      'read 5-6 {}',
      'read 10-11 gone',
    ],
  ])('%s', (_, ...calls) => {
    expect(violationOf(SESSION_MODEL, historyOf(calls))).toBeUndefined();
  });
});

describe('a history of a session is rejected if it has', () => {
  it.each<[string, ...string[]]>([
    ['a value that was never written', 'set 1 2-3 saved', 'read 4-5 {note=2}'],
    ['a stale read', 'set 1 2-3 saved', 'read 4-5 {}'],
    ['a read of a later write', 'read 2-3 {note=1}', 'set 1 4-5 saved'],
    [
      'a read that misses what one before it saw',
      'set 1 2-9 saved',
      'read 3-4 {note=1}',
      'read 5-6 {}',
    ],
    ['a lost update', 'add 2-5 saved', 'add 3-4 saved', 'read 6-7 {visits=1}'],
    ['an addition made twice', 'add 2-3 saved', 'read 4-5 {visits=2}'],
    ['an unknown addition made twice', 'add 2-3 unknown', 'read 4-5 {visits=2}'],
    ['an unknown write that is undone', 'set 1 2-3 unknown', 'read 4-5 {note=1}', 'read 6-7 {}'],
    ['a refused write that was carried out', 'set 1 2-3 refused', 'read 4-5 {note=1}'],
    [
      'two replacements of one value',
      'set 0 2-3 saved',
      'replace 0 by 1 4-7 saved',
      'replace 0 by 2 5-6 saved',
    ],
    ['a session that lives after its sign-out', 'sign-out 2-3 destroyed', 'read 4-5 {}'],
    [
      'a session that a late write brings back',
      'sign-out 2-3 destroyed',
      'read 4-5 gone',
      'set 1 4-7 saved',
    ],
    ['an old id that still opens', 'renew 2-3 renewed', 'read 4-5 {}'],
    ['two renewals of one id', 'renew 2-5 renewed', 'renew to c 3-4 renewed'],
    ['a sign-out everywhere that missed the session', 'void 2-3 void', 'end 2-3 0', 'read 4-5 {}'],
    ['a session that is gone and was never ended', 'read 2-3 gone'],
  ])('%s', (_, ...calls) => {
    expect(isAccepted(historyOf(calls))).toBe(false);
  });

  it('and the report shows its shortest part that is wrong, and which answer would be right', () => {
    const calls = ['add 2-5 saved', 'add 3-4 saved', 'read 6-7 {visits=1}', 'add 6-9 saved'];
    expect(violationOf(SESSION_MODEL, historyOf(calls))).toBe(
      [
        '#0  worker 0  ||        create a {}                                    saved',
        '#1  worker 1    |--|    commit a {"visits":{"kind":"add","amount":1}}  saved',
        '#2  worker 2     ||     commit a {"visits":{"kind":"add","amount":1}}  saved',
        '#3  worker 3        ||  read a                                         {visits=1}',
        '#4  worker 4        |?  commit a {"visits":{"kind":"add","amount":1}}  (unknown)',
        'In the order #0, #1, #2 it is then {"id":"a","past":"a","fields":{"visits":"2"},"isVoid":false,"isRevoked":false}.',
        'Next, #3 would be told: {visits=2}',
      ].join('\n'),
    );
  });
});

const { create: _, ...later } = OPERATIONS;
const operation = fc.constantFrom(...Object.values(later));

/** What a store answers that does one operation after the other, at 10, 20, 30 and so on. */
function executed(operations: readonly Operation[]): Call<Operation>[] {
  let state = SESSION_MODEL.initial;
  return [CREATE, ...operations].map((done, i) => {
    const [answer, next] = SESSION_MODEL.respond(state, done);
    state = next;
    const at = 10 * (i + 1);
    const outcome: Outcome = { kind: 'answered', answer };
    return { worker: i, operation: done, invokedAt: at - 1, returnedAt: at + 1, outcome };
  });
}

const sequential = fc.array(operation, { minLength: 1, maxLength: 12 }).map(executed);

/** The same, each taking longer; of some the answer was lost. */
const overlapping = sequential.chain((calls) =>
  fc
    .array(fc.record({ before: fc.nat(40), after: fc.nat(40), isLost: fc.nat(4) }), {
      minLength: calls.length,
      maxLength: calls.length,
    })
    .map((delays) =>
      calls.map((call, i): Call<Operation> => {
        const { before, after, isLost } = delays[i]!;
        const times = { invokedAt: call.invokedAt - before, returnedAt: call.returnedAt + after };
        if (isLost > 0) return { ...call, ...times };
        return { ...call, invokedAt: times.invokedAt, outcome: { kind: 'unknown' } };
      }),
    ),
);

describe('of all histories', () => {
  it('those of a correct store are accepted, with overlaps and lost answers', () => {
    fc.assert(
      fc.property(overlapping, (history) => {
        expect(violationOf(SESSION_MODEL, history)).toBeUndefined();
      }),
    );
  });

  it('one without overlaps is rejected when any answer is altered', () => {
    fc.assert(
      fc.property(sequential, fc.nat(), fc.constantFrom('gone', '{}', '0'), (calls, at, answer) => {
        const altered = calls[at % calls.length]!;
        fc.pre(altered.outcome.kind === 'answered' && altered.outcome.answer !== answer);
        const outcome: Outcome = { kind: 'answered', answer };
        const wrong = calls.map((call) => (call === altered ? { ...call, outcome } : call));
        expect(isAccepted(wrong)).toBe(false);
      }),
    );
  });

  it('those are accepted that are accepted when every order is tried', () => {
    const told = fc.constantFrom('gone', 'saved', '{}', '{note=1}', '{visits=1}');
    fc.assert(
      fc.property(overlapping, fc.nat(), told, (calls, at, answer) => {
        const few = calls.slice(0, 6);
        const outcome: Outcome = { kind: 'answered', answer };
        const altered = few.map((call, i) => (i === at % few.length ? { ...call, outcome } : call));
        expect(isAccepted(altered)).toBe(isAcceptedBySomeOrder(altered, SESSION_MODEL.initial));
      }),
      { numRuns: 500 },
    );
  });
});

/** Slow and simple: the next call may be any that no other one must precede. */
function isAcceptedBySomeOrder(
  left: SessionHistory,
  state: (typeof SESSION_MODEL)['initial'],
): boolean {
  if (left.every(({ outcome }) => outcome.kind === 'unknown')) return true;
  return left.some((call) => {
    const isTooEarly = left.some(
      (other) => other.outcome.kind === 'answered' && other.returnedAt <= call.invokedAt,
    );
    const [answer, next] = SESSION_MODEL.respond(state, call.operation);
    const fits = call.outcome.kind !== 'answered' || call.outcome.answer === answer;
    if (isTooEarly || !fits) return false;
    return isAcceptedBySomeOrder(
      left.filter((other) => other !== call),
      next,
    );
  });
}
