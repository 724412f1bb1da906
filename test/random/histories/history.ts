/** What is known of a call: it was answered; or it surely did nothing; or it may have had its effect, or may have it yet. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

export interface Call<O> {
  readonly worker: number;
  readonly operation: O;
  /** Places in the order of all invocations and returns: what counts is what came before what, and no clock. */
  readonly invokedAt: number;
  readonly returnedAt: number;
  readonly outcome: Outcome;
}

export type History<O> = readonly Call<O>[];

/** Whether something is known of it that an explanation has to explain. */
export function known({ outcome }: Call<unknown>): boolean {
  return outcome.kind === 'answered';
}

/** What was known when so much had happened. */
export function prefixOf<O>(history: History<O>, until: number): History<O> {
  return history
    .filter(({ invokedAt }) => invokedAt < until)
    .map((call) => {
      if (call.returnedAt <= until) return call;
      return { ...call, returnedAt: until, outcome: { kind: 'unknown' } };
    });
}

/** Writes down what happens to one session, while it happens. */
export class HistoryRecorder<O> {
  readonly #calls: Call<O>[] = [];
  #places = 0;

  get history(): History<O> {
    return this.#calls.toSorted((a, b) => a.invokedAt - b.invokedAt);
  }

  /**
   * @param operations several, if the call takes several steps that others can see; each has an answer of its own.
   * @param act gives these answers, or what else is known.
   */
  async record(
    worker: number,
    operations: readonly O[],
    act: () => Promise<readonly string[] | 'refused' | 'unknown'>,
  ): Promise<readonly string[] | undefined> {
    const invokedAt = ++this.#places;
    const told = await act();
    const returnedAt = ++this.#places;
    for (const [i, operation] of operations.entries()) {
      const outcome: Outcome =
        typeof told === 'string' ? { kind: told } : { kind: 'answered', answer: told[i]! };
      this.#calls.push({ worker, operation, invokedAt, returnedAt, outcome });
    }
    return typeof told === 'string' ? undefined : told;
  }
}
