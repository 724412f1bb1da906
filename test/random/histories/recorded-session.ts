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

/** A worker, and the instance that serves it. */
export interface Caller {
  readonly number: number;
  readonly instance: Instance;
}

/** One session: calls the library and records the history. */
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

  async create(by: Caller, note: string): Promise<void> {
    const session = by.instance.sessionOf();
    if (this.isGuest) session.set('note', note);
    else session.signIn(this.userId, { data: { note } });
    const outcome = session.seal();
    if (outcome.kind !== 'created') throw new Error(`A session began as ${outcome.kind}.`);
    const id = this.#letterOf(outcome.next.id);
    const changes = { note: { kind: 'set', text: JSON.stringify(note) } } as const;
    await this.#record(by, { kind: 'create', id, changes }, async () => {
      await by.instance.save(session, outcome);
      return 'saved';
    });
  }

  /** @returns what was read, for requests that act on it then or much later. */
  async read(by: Caller, id: string): Promise<SessionRecord | undefined> {
    const { repository } = by.instance;
    let record: SessionRecord | undefined;
    await this.#record(by, { kind: 'read', id }, async () => {
      record = await repository.read(this.#idOf(id));
      // As a request does: an empty answer may be that of another command.
      if (!record) await repository.whyGone(this.#idOf(id));
      if (!record) return 'gone';
      const isOwn = record.userId === this.userId || (this.isGuest && record.userId === undefined);
      return isOwn ? textOf(Object.fromEntries(record.fields)) : `of ${record.userId}`;
    });
    return record;
  }

  async commit(
    by: Caller,
    id: string,
    changes: Changes,
    expected: Readonly<Record<string, string | undefined>> = {},
  ): Promise<void> {
    await this.#record(by, { kind: 'commit', id, changes, expected }, async () => {
      const result = await by.instance.repository.commit(
        this.#idOf(id),
        new Map(Object.entries(changes)),
        new Map(Object.entries(expected)),
      );
      if (result.kind !== 'conflict') return result.kind;
      const atFault = [...result.current].map(([field, text]) => `${field}=${text}`);
      return `conflict ${atFault.toSorted().join(' ')}`;
    });
  }

  async touch(by: Caller, record: SessionRecord): Promise<void> {
    const operation = { kind: 'touch', id: this.#letterOf(record.id) } as const;
    await this.#record(by, operation, async () =>
      (await by.instance.repository.touch(record)) ? 'saved' : 'gone',
    );
  }

  async append(by: Caller, record: SessionRecord, item: string): Promise<void> {
    const operation = { kind: 'append', id: this.#letterOf(record.id), item } as const;
    await this.#request(by, record, operation, (session) => add(session, item));
  }

  /** Others may use the new id while the renewal is under way. */
  async renew(by: Caller, record: SessionRecord, item: string | undefined): Promise<void> {
    const session = by.instance.sessionOf(record);
    if (item !== undefined) add(session, item);
    session.renew();
    const ids = { id: this.#letterOf(record.id), next: this.#letterOf(session.id!) };
    const added = item === undefined ? {} : { item };
    await this.#record(
      by,
      { kind: 'renew', ...ids, ...added },
      async () => (await by.instance.save(session)).kind,
    );
  }

  /** Only its visitor learns the new id, when it is saved. */
  async signIn(by: Caller, record: SessionRecord, item: string): Promise<void> {
    const session = by.instance.sessionOf(record);
    session.increment('visits');
    add(session, item);
    session.signIn(this.userId);
    const ids = { id: this.#letterOf(record.id), next: letter(this.#ids.length) };
    const changes: Changes = { visits: { kind: 'add', amount: 1 } };
    await this.#record(by, { kind: 'sign-in', ...ids, changes, item }, async () => {
      const { kind } = await by.instance.save(session);
      this.#letterOf(session.id!);
      return kind;
    });
  }

  async signOut(by: Caller, record: SessionRecord): Promise<void> {
    const operation = { kind: 'sign-out', id: this.#letterOf(record.id) } as const;
    await this.#request(by, record, operation, (session) => session.destroy());
  }

  async revoke(by: Caller, id: string): Promise<void> {
    await this.#record(by, { kind: 'revoke', id }, async () =>
      String(await by.instance.repository.revoke([this.#idOf(id)], this.userId, 'revoked')),
    );
  }

  async signOutEverywhere(by: Caller): Promise<void> {
    await this.#recordSteps(by, [{ kind: 'void' }, { kind: 'end' }], async () => {
      const { ended } = await by.instance.repository.revokeAllOfUser(this.userId);
      return ['void', String(ended)];
    });
  }

  /** Acts on what was read before, however long ago that was. */
  async #request(
    by: Caller,
    record: SessionRecord,
    operation: Operation,
    act: (session: Session) => void,
  ): Promise<void> {
    await this.#record(by, operation, async () => {
      const session = by.instance.sessionOf(record);
      act(session);
      return (await by.instance.save(session)).kind;
    });
  }

  async #record(by: Caller, operation: Operation, act: () => Promise<string>): Promise<void> {
    await this.#recordSteps(by, [operation], async () => [await act()]);
  }

  async #recordSteps(
    { number, instance }: Caller,
    steps: readonly Operation[],
    act: () => Promise<readonly string[]>,
  ): Promise<void> {
    const told = await this.recorder.record(number, steps, () => answersOf(steps, act));
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

function letter(number: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + number);
}
