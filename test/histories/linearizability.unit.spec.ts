import fc from 'fast-check';
import type { Call, History, Outcome } from './history.js';
import { explain } from './linearizability.js';
import { type Operation, SESSION_MODEL } from './session-model.js';
import { violationOf } from './timeline.js';

type SessionHistory = History<Operation>;

const set = (text: string) =>
  ({ kind: 'commit', id: 'a', changes: { note: { kind: 'set', text } } }) as const;
const ADD = { kind: 'commit', id: 'a', changes: { visits: { kind: 'add', amount: 1 } } } as const;
const READ = { kind: 'read', id: 'a' } as const;
const CREATE = { kind: 'create', id: 'a', changes: {} } as const;
const RENEW = { kind: 'renew', id: 'a', next: 'b' } as const;
const SIGN_OUT = { kind: 'sign-out', id: 'a' } as const;
const VOID = { kind: 'void' } as const;
const END = { kind: 'end' } as const;
const ifNote = (expected: string, text: string) =>
  ({ kind: 'commit', id: 'a', changes: { note: { kind: 'replace', expected, text } } }) as const;

type Row = [operation: Operation, from: number, to: number, answer: string | undefined | null];

/** After a session was created; an answer `undefined` is an unknown one, `null` a refusal. */
function historyOf(rows: readonly Row[]): SessionHistory {
  return [[CREATE, 0, 1, 'saved'] as Row, ...rows].map(([operation, from, to, answer], worker) => ({
    worker,
    operation,
    invokedAt: from,
    returnedAt: to,
    outcome: outcomeOf(answer),
  }));
}

function outcomeOf(answer: string | undefined | null): Outcome {
  if (answer === null) return { kind: 'refused' };
  return answer === undefined ? { kind: 'unknown' } : { kind: 'answered', answer };
}

const isAccepted = (history: SessionHistory) => explain(SESSION_MODEL, history).isComplete;

describe('a history of a session is accepted', () => {
  it.each<[string, Row[]]>([
    ['of nothing else', []],
    [
      'of a read of what was written before',
      [
        [set('1'), 2, 3, 'saved'],
        [READ, 4, 5, '{note=1}'],
      ],
    ],
    [
      'of a read during a write, of the old',
      [
        [set('1'), 2, 9, 'saved'],
        [READ, 3, 4, '{}'],
      ],
    ],
    [
      'of a read during a write, of the new',
      [
        [set('1'), 2, 9, 'saved'],
        [READ, 3, 4, '{note=1}'],
      ],
    ],
    [
      'of two who add at once',
      [
        [ADD, 2, 5, 'saved'],
        [ADD, 3, 4, 'saved'],
        [READ, 6, 7, '{visits=2}'],
      ],
    ],
    [
      'of an unknown write that was never carried out',
      [
        [set('1'), 2, 3, undefined],
        [READ, 4, 5, '{}'],
      ],
    ],
    [
      'of an unknown write that was carried out much later',
      [
        [set('1'), 2, 3, undefined],
        [READ, 4, 5, '{}'],
        [READ, 6, 7, '{note=1}'],
      ],
    ],
    [
      'of an unknown sign-out that came after a later write',
      [
        [SIGN_OUT, 2, 3, undefined],
        [set('1'), 4, 5, 'saved'],
        [READ, 6, 7, 'gone'],
      ],
    ],
    [
      'of a refused write',
      [
        [set('1'), 2, 3, null],
        [READ, 4, 5, '{}'],
      ],
    ],
    [
      'of a conflict with whoever was quicker',
      [
        [set('1'), 2, 9, 'saved'],
        [ifNote('0', '2'), 3, 8, 'conflict note=1'],
        [READ, 10, 11, '{note=1}'],
      ],
    ],
    [
      'of a renewal: the old id is dead, and a request that began under it finds the new one',
      [
        [RENEW, 2, 3, 'renewed'],
        [set('1'), 4, 5, 'gone'],
        [{ kind: 'append', id: 'a', item: 'x' }, 6, 7, 'changed'],
        [{ kind: 'read', id: 'b' }, 8, 9, '{parts=["x"]}'],
      ],
    ],
    [
      'of a sign-out everywhere that refuses a renewal before it ends the session',
      [
        [VOID, 2, 9, 'void'],
        [END, 2, 9, '1'],
        [RENEW, 3, 4, 'unchanged'],
        [READ, 5, 6, '{}'],
        [READ, 10, 11, 'gone'],
      ],
    ],
  ])('%s', (_, rows) => {
    expect(violationOf(SESSION_MODEL, historyOf(rows))).toBeUndefined();
  });
});

describe('a history of a session is refused', () => {
  it.each<[string, Row[]]>([
    [
      'with a value that nobody wrote',
      [
        [set('1'), 2, 3, 'saved'],
        [READ, 4, 5, '{note=2}'],
      ],
    ],
    [
      'with a stale read',
      [
        [set('1'), 2, 3, 'saved'],
        [READ, 4, 5, '{}'],
      ],
    ],
    [
      'with a read of what is written only later',
      [
        [READ, 2, 3, '{note=1}'],
        [set('1'), 4, 5, 'saved'],
      ],
    ],
    [
      'with one who sees a write, and then one who does not',
      [
        [set('1'), 2, 9, 'saved'],
        [READ, 3, 4, '{note=1}'],
        [READ, 5, 6, '{}'],
      ],
    ],
    [
      'with a lost update',
      [
        [ADD, 2, 5, 'saved'],
        [ADD, 3, 4, 'saved'],
        [READ, 6, 7, '{visits=1}'],
      ],
    ],
    [
      'with an increment made twice',
      [
        [ADD, 2, 3, 'saved'],
        [READ, 4, 5, '{visits=2}'],
      ],
    ],
    [
      'with an unknown increment made twice',
      [
        [ADD, 2, 3, undefined],
        [READ, 4, 5, '{visits=2}'],
      ],
    ],
    [
      'with an unknown write that is undone',
      [
        [set('1'), 2, 3, undefined],
        [READ, 4, 5, '{note=1}'],
        [READ, 6, 7, '{}'],
      ],
    ],
    [
      'with a refused write that was carried out',
      [
        [set('1'), 2, 3, null],
        [READ, 4, 5, '{note=1}'],
      ],
    ],
    [
      'with two replacements of one value',
      [
        [set('0'), 2, 3, 'saved'],
        [ifNote('0', '1'), 4, 7, 'saved'],
        [ifNote('0', '2'), 5, 6, 'saved'],
      ],
    ],
    [
      'with a session that was signed out and lives',
      [
        [SIGN_OUT, 2, 3, 'destroyed'],
        [READ, 4, 5, '{}'],
      ],
    ],
    [
      'with a session that a late write brings back',
      [
        [SIGN_OUT, 2, 3, 'destroyed'],
        [READ, 4, 5, 'gone'],
        [set('1'), 4, 7, 'saved'],
      ],
    ],
    [
      'with an old id that still opens',
      [
        [RENEW, 2, 3, 'renewed'],
        [READ, 4, 5, '{}'],
      ],
    ],
    [
      'with two renewals of one id',
      [
        [RENEW, 2, 5, 'renewed'],
        [{ ...RENEW, next: 'c' }, 3, 4, 'renewed'],
      ],
    ],
    [
      'with a sign-out everywhere that missed the session',
      [
        [VOID, 2, 3, 'void'],
        [END, 2, 3, '0'],
        [READ, 4, 5, '{}'],
      ],
    ],
    ['with a session that was never ended and is gone', [[READ, 2, 3, 'gone']]],
  ])('%s', (_, rows) => {
    expect(isAccepted(historyOf(rows))).toBe(false);
  });

  it('and the account shows its shortest beginning that is wrong, and what would have been right', () => {
    const rows: Row[] = [
      [ADD, 2, 5, 'saved'],
      [ADD, 3, 4, 'saved'],
      [READ, 6, 7, '{visits=1}'],
      [ADD, 6, 9, 'saved'],
    ];
    expect(violationOf(SESSION_MODEL, historyOf(rows))).toBe(
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

const operation = fc.oneof(
  fc.constantFrom<Operation>(READ, ADD, RENEW, SIGN_OUT, VOID, END),
  fc.constantFrom<Operation>({ kind: 'read', id: 'b' }, { kind: 'touch', id: 'a' }),
  fc.constantFrom('1', '2').map(set),
  fc.constantFrom('1', '2').map((expected) => ifNote(expected, '3')),
);

/** What a store answers that does one operation after the other. Each has its effect at 10, 20, 30 and so on. */
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
  it('those of a store that works are accepted, however they overlap and whatever answers are lost', () => {
    fc.assert(
      fc.property(overlapping, (history) => {
        expect(violationOf(SESSION_MODEL, history)).toBeUndefined();
      }),
    );
  });

  it('one without overlaps is refused when any answer is altered', () => {
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

  it('the same ones are accepted as by trying every order', () => {
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

/** Slow and plain: any call that none of the others must come before may be the next. */
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
