interface Place {
  readonly arrived: Promise<void>;
  readonly arrive: () => void;
  readonly opened: Promise<void>;
  readonly open: () => void;
}

/** Named places where a handler waits until the test lets it go on: a slow request that is as slow as the test says. */
export class Barriers {
  readonly #places = new Map<string, Place>();

  /** For handlers. Without a name there is nothing to wait for. */
  async pass(name: string | undefined): Promise<void> {
    if (name === undefined) return;
    const place = this.#place(name);
    place.arrive();
    await place.opened;
  }

  /** Resolves when a handler waits there. */
  arrived(name: string): Promise<void> {
    return this.#place(name).arrived;
  }

  /** Lets whoever waits there go on. The name is then new again: a later test may use it. */
  open(name: string): void {
    this.#place(name).open();
    this.#places.delete(name);
  }

  #place(name: string): Place {
    const known = this.#places.get(name);
    if (known) return known;
    const [arrived, arrive] = signal();
    const [opened, open] = signal();
    const place = { arrived, arrive, opened, open };
    this.#places.set(name, place);
    return place;
  }
}

function signal(): [promise: Promise<void>, resolve: () => void] {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return [promise, resolve];
}
