import { type Call, type History, known } from './history.js';

/** How a thing must answer when operations come one after the other. Without an effect it gives back the same state. */
export interface Model<S, O> {
  readonly initial: S;
  respond(state: S, operation: O): readonly [answer: string, next: S];
}

/** A row of calls, one after the other, that explains as much of what was answered as can be; and what comes of it. */
export interface Explanation<S, O> {
  readonly isComplete: boolean;
  readonly order: readonly Call<O>[];
  readonly state: S;
}

/**
 * Looks for an order of the calls of a history that the model would have answered alike, and in which no call comes
 * before one that had returned when it was invoked (Wing and Gong 1993). What was seen to lead nowhere is not tried
 * again (Lowe 2017). A call whose outcome is unknown may come at any time after its invocation, or never; one that was
 * refused never.
 */
export function explain<S, O>(model: Model<S, O>, history: History<O>): Explanation<S, O> {
  return new Search(model, history).run();
}

const MOST_CALLS = 31;

class Search<S, O> {
  readonly #calls: History<O>;
  readonly #deadEnds = new Set<string>();
  readonly #order: Call<O>[] = [];
  #mostExplained = 0;
  #best: Explanation<S, O>;

  constructor(
    private readonly model: Model<S, O>,
    history: History<O>,
  ) {
    this.#calls = history.filter(({ outcome }) => outcome.kind !== 'refused');
    if (this.#calls.length > MOST_CALLS) throw new Error(`More than ${MOST_CALLS} calls.`);
    this.#best = { isComplete: false, order: [], state: model.initial };
  }

  run(): Explanation<S, O> {
    this.#continue(0, this.model.initial);
    return this.#best;
  }

  /** @param done the calls of the order so far, one bit each. */
  #continue(done: number, state: S): boolean {
    const pending = this.#calls.filter((_, i) => (done & (1 << i)) === 0);
    const isComplete = !pending.some(known);
    const explained = this.#calls.filter(known).length - pending.filter(known).length;
    if (isComplete || explained > this.#mostExplained) {
      this.#mostExplained = explained;
      this.#best = { isComplete, order: [...this.#order], state };
    }
    const place = `${done} ${JSON.stringify(state)}`;
    if (isComplete || this.#deadEnds.has(place)) return isComplete;
    this.#deadEnds.add(place);
    const firstReturn = Math.min(...pending.filter(known).map(({ returnedAt }) => returnedAt));
    return pending
      .filter(({ invokedAt }) => invokedAt < firstReturn)
      .some((call) => this.#take(call, done, state));
  }

  #take(call: Call<O>, done: number, state: S): boolean {
    const [answer, next] = this.model.respond(state, call.operation);
    const { outcome } = call;
    const fits = outcome.kind === 'answered' ? outcome.answer === answer : next !== state;
    if (!fits) return false;
    this.#order.push(call);
    const isComplete = this.#continue(done | (1 << this.#calls.indexOf(call)), next);
    this.#order.pop();
    return isComplete;
  }
}
