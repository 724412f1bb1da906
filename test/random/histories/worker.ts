import type { FieldChange } from '../../../libs/session/src/core/changes.js';
import type { SessionRecord } from '../../../libs/session/src/core/record.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Instance } from '../../support/instance.js';
import type { Caller, Changes, RecordedSession } from './recorded-session.js';

type Act = 'read' | 'commit' | 'append' | 'touch' | 'renew' | 'end' | 'sign-in';

/** What a worker does; what is here more often is more likely. */
const USUAL: readonly Act[] = [
  ...(['read', 'read', 'read', 'commit', 'commit', 'commit', 'commit'] as const),
  ...(['append', 'append', 'touch', 'renew', 'renew', 'end'] as const),
];
/** A guest signs in once: a second sign-in would begin a second session. */
const OF_GUEST: readonly Act[] = ['read', 'read', 'commit', 'commit', 'append', 'append'];

/** Uses a session at the same time as others; like a slow request, it may act on what it read long ago. */
export class Worker implements Caller {
  #record: SessionRecord | undefined;
  #writes = 0;

  constructor(
    readonly number: number,
    private readonly session: RecordedSession,
    readonly instance: Instance,
    private readonly random: SeededRandom,
    private readonly isGuest: boolean,
  ) {}

  /** Does one thing. @param left how many more will be done to the session; only the last ones may end it. */
  async act(left: number): Promise<void> {
    const acts = this.isGuest ? OF_GUEST : USUAL;
    await this.#do(this.random.oneOf(acts), left);
  }

  async signIn(): Promise<void> {
    await this.#read();
    if (this.#record) {
      await this.session.signIn(this, this.#record, this.#unique());
    }
  }

  async #do(act: Act, left: number): Promise<void> {
    const { session, random } = this;
    if (act === 'commit') return this.#commit();
    const record = this.#record;
    if (act === 'read' || !record) return this.#read();
    if (act === 'append') return session.append(this, record, this.#unique());
    if (act === 'touch') return session.touch(this, record);
    if (act === 'end') return left < 5 ? this.#end(record) : this.#read();
    const item = random.next() < 0.3 ? this.#unique() : undefined;
    return session.renew(this, record, item);
  }

  async #read(): Promise<void> {
    this.#record = await this.session.read(this, this.#anyId());
  }

  async #commit(): Promise<void> {
    const { random } = this;
    const text = JSON.stringify(this.#unique());
    const note = this.#record?.fields.get('note');
    const visit: FieldChange = { kind: 'add', amount: 1 };
    const [changes, expected] = random.oneOf<[Changes, Record<string, string | undefined>?]>([
      [{ note: { kind: 'set', text } }],
      [{ visits: visit }],
      [{ visits: visit }],
      [{ note: { kind: 'remove' } }],
      [{ note: { kind: 'set', text }, visits: visit }],
      [{ note: { kind: 'replace', expected: note, text }, visits: visit }],
      [{ note: { kind: 'set', text } }, { visits: this.#record?.fields.get('visits') }],
    ]);
    await this.session.commit(this, this.#anyId(), changes, expected);
  }

  async #end(record: SessionRecord): Promise<void> {
    const { session } = this;
    const end = this.random.oneOf(['sign-out', 'revoke', 'everywhere']);
    if (end === 'sign-out') await session.signOut(this, record);
    else if (end === 'revoke') await session.revoke(this, this.#anyId());
    else await session.signOutEverywhere(this);
  }

  /** Mostly the newest. */
  #anyId(): string {
    const { letters } = this.session;
    return this.random.next() < 0.7 ? letters.at(-1)! : this.random.oneOf(letters);
  }

  /** Each value is written once, so that a read tells which write it saw. */
  #unique(): string {
    return `${this.number}.${++this.#writes}`;
  }
}
