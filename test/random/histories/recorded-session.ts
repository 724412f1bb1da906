import type { FieldChange } from '../../../libs/session/src/core/changes.js';
import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import type { Session } from '../../../libs/session/src/core/session.js';
import type { SessionId } from '../../../libs/session/src/core/token.js';
import type { Instance } from '../../support/instance.js';
import { answersOf, untilAnswering } from './answers.js';
import { HistoryRecorder } from './history.js';
import { type Operation, textOf } from './session-model.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    note: string;
    visits: number;
    parts: string[];
  }
}

export type Changes = Readonly<Record<string, FieldChange>>;

/** One session, what is done to it by the library, and the history of that. */
export class RecordedSession {
  readonly recorder = new HistoryRecorder<Operation>();
  /** Every id that it may have, in the order of their letters. */
  readonly #ids: SessionId[] = [];

  constructor(
    private readonly userId: string,
    private readonly isGuest: boolean,
  ) {}

  /** The letters of its ids, the newest last. */
  get letters(): string[] {
    return this.#ids.map((_, i) => letter(i));
  }

  async create(instance: Instance, note: string): Promise<void> {
    const session = instance.sessionOf();
    if (this.isGuest) session.set('note', note);
    else session.signIn(this.userId, { data: { note } });
    const outcome = session.seal();
    if (outcome.kind !== 'created') throw new Error(`A session began as ${outcome.kind}.`);
    const id = this.#letterOf(outcome.next.id);
    const changes = { note: { kind: 'set', text: JSON.stringify(note) } } as const;
    await this.#record(0, instance, { kind: 'create', id, changes }, async () => {
      await instance.save(session, outcome);
      return 'saved';
    });
  }

  /** @returns what was read, to be acted upon then or much later. */
  async read(worker: number, instance: Instance, id: string): Promise<SessionRecord | undefined> {
    let record: SessionRecord | undefined;
    await this.#record(worker, instance, { kind: 'read', id }, async () => {
      record = await instance.repository.read(this.#idOf(id));
      // As a request does: an empty answer names nobody.
      if (!record) await instance.repository.whyGone(this.#idOf(id));
      if (!record) return 'gone';
      // A guest is nobody; whoever else is in there must never be.
      const isOwn = record.userId === this.userId || (this.isGuest && record.userId === undefined);
      return isOwn ? textOf(Object.fromEntries(record.fields)) : `of ${record.userId}`;
    });
    return record;
  }

  async commit(
    worker: number,
    instance: Instance,
    id: string,
    changes: Changes,
    expected: Readonly<Record<string, string | undefined>> = {},
  ): Promise<void> {
    await this.#record(worker, instance, { kind: 'commit', id, changes, expected }, async () => {
      const result = await instance.repository.commit(
        this.#idOf(id),
        new Map(Object.entries(changes)),
        new Map(Object.entries(expected)),
      );
      if (result.kind !== 'conflict') return result.kind;
      const atFault = [...result.current].map(([field, text]) => `${field}=${text}`);
      return `conflict ${atFault.toSorted().join(' ')}`;
    });
  }

  async touch(worker: number, instance: Instance, record: SessionRecord): Promise<void> {
    await this.#record(
      worker,
      instance,
      { kind: 'touch', id: this.#letterOf(record.id) },
      async () => ((await instance.repository.touch(record)) ? 'saved' : 'gone'),
    );
  }

  async append(
    worker: number,
    instance: Instance,
    record: SessionRecord,
    item: string,
  ): Promise<void> {
    const id = this.#letterOf(record.id);
    await this.#record(worker, instance, { kind: 'append', id, item }, () =>
      request(instance, record, (session) => add(session, item)),
    );
  }

  /** Others may use the new id while it is on its way; not so of a sign-in, which tells it only to its visitor. */
  async renew(
    worker: number,
    instance: Instance,
    record: SessionRecord,
    item: string | undefined,
  ): Promise<void> {
    const session = instance.sessionOf(record);
    if (item !== undefined) add(session, item);
    session.renew();
    const ids = { id: this.#letterOf(record.id), next: this.#letterOf(session.id!) };
    const added = item === undefined ? {} : { item };
    await this.#record(
      worker,
      instance,
      { kind: 'renew', ...ids, ...added },
      async () => (await instance.save(session)).kind,
    );
  }

  async signIn(
    worker: number,
    instance: Instance,
    record: SessionRecord,
    item: string | undefined,
  ): Promise<void> {
    const session = instance.sessionOf(record);
    session.increment('visits');
    if (item !== undefined) add(session, item);
    session.signIn(this.userId);
    const ids = { id: this.#letterOf(record.id), next: letter(this.#ids.length) };
    const changes: Changes = { visits: { kind: 'add', amount: 1 } };
    const added = item === undefined ? {} : { item };
    await this.#record(
      worker,
      instance,
      { kind: 'sign-in', ...ids, changes, ...added },
      async () => {
        const answer = (await instance.save(session)).kind;
        this.#letterOf(session.id!);
        return answer;
      },
    );
  }

  async signOut(worker: number, instance: Instance, record: SessionRecord): Promise<void> {
    await this.#record(worker, instance, { kind: 'sign-out', id: this.#letterOf(record.id) }, () =>
      request(instance, record, (session) => session.destroy()),
    );
  }

  async revoke(worker: number, instance: Instance, id: string): Promise<void> {
    await this.#record(worker, instance, { kind: 'revoke', id }, async () =>
      String(await instance.repository.revoke([this.#idOf(id)], this.userId, 'revoked')),
    );
  }

  async signOutEverywhere(worker: number, instance: Instance): Promise<void> {
    const steps = [{ kind: 'void' }, { kind: 'end' }] as const;
    await this.#recordSteps(worker, instance, steps, async () => {
      const { ended } = await instance.repository.revokeAllOfUser(this.userId);
      return ['void', String(ended)];
    });
  }

  async #record(
    worker: number,
    instance: Instance,
    operation: Operation,
    act: () => Promise<string>,
  ): Promise<void> {
    await this.#recordSteps(worker, instance, [operation], async () => [await act()]);
  }

  async #recordSteps(
    worker: number,
    instance: Instance,
    steps: readonly Operation[],
    act: () => Promise<readonly string[]>,
  ): Promise<void> {
    const told = await this.recorder.record(worker, steps, () => answersOf(steps, act));
    if (!told) await untilAnswering(instance);
  }

  #idOf(name: string): SessionId {
    return this.#ids[name.charCodeAt(0) - letter(0).charCodeAt(0)]!;
  }

  #letterOf(id: SessionId): string {
    if (!this.#ids.includes(id)) this.#ids.push(id);
    return letter(this.#ids.indexOf(id));
  }
}

function add(session: Session, item: string): void {
  session.update('parts', (parts = []) => [...parts, item]);
}

/** Acts on what was read before, however long ago that was. @returns what the request was answered. */
async function request(
  instance: Instance,
  record: SessionRecord,
  act: (session: Session) => void,
): Promise<string> {
  const session = instance.sessionOf(record);
  act(session);
  return (await instance.save(session)).kind;
}

function letter(number: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + number);
}
