import type { SessionChanges } from '../core/changes.js';
import { deviceOf, type DeviceRequest } from '../core/device-of.js';
import { sessionGone } from '../core/save-session.js';
import type { SessionRepository } from '../core/session-repository.js';
import { CLOCK_STEP_MS, type SessionRecord } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { assertSynchronous } from '../core/synchronous.js';
import { assertUserId } from '../core/user-id.js';
import type { SessionsApart, SignIn, Term } from '../redis/sessions-apart.js';
import { type StoredCookie, termOf } from './cookie-term.js';
import { type KnownSession, knownOf, setKnown, startOf, withDoubts } from './known-session.js';
import { differences, readableOf, sessionOfTexts, type Texts, textsOf } from './session-texts.js';
import type { StoreSettings } from './store-options.js';

/** What `save` is about to do. */
interface Save {
  readonly texts: Texts;
  readonly term: Term;
  readonly userId: string | undefined;
}

/** Sessions as express-session has them, kept as this library keeps sessions. */
export class StoredSessions<S extends object> {
  constructor(
    private readonly repository: SessionRepository,
    private readonly apart: SessionsApart,
    private readonly settings: StoreSettings<S>,
  ) {}

  /** 1 command; 2 when there is none. */
  async read(id: SessionId): Promise<S | null> {
    const record = await this.#record(id);
    return record ? this.#sessionOf(record) : null;
  }

  /**
   * Writes what differs from what is known, and nothing if nothing does.
   *
   * @throws {SessionError} `SESSION_GONE` when it has ended since it was read, or a short while ago.
   */
  async write(id: SessionId, session: S): Promise<void> {
    const term = this.#termOf(session);
    if (!term) return this.end(id);
    const userId = this.#userOf(session);
    const known = knownOf(session, id);
    const save: Save = { texts: textsOf(session, known?.texts), term, userId };
    if (known) return this.#save(session, known, save);
    if (await this.apart.create(id, save.texts, term, this.#signIn(session, userId))) {
      return setKnown(session, { id, texts: save.texts, userId, seenAt: this.apart.now() });
    }
    // Not begun by express-session just now: somebody hands in a whole session, to take the place of what is there.
    const record = await this.#record(id);
    if (!record) throw sessionGone();
    await this.#save(session, this.#knownOf(record), save);
  }

  /** Starts the time to live anew, if that is due, and keeps what has changed of the cookie. Creates nothing. */
  async touch(id: SessionId, session: S): Promise<void> {
    if (!this.settings.isTouched) return;
    const term = this.#termOf(session);
    if (!term) return this.end(id);
    const known = knownOf(session, id) ?? (await this.#known(id));
    if (!known) return;
    const { cookie } = session as { cookie?: unknown };
    const texts = new Map(known.texts);
    const text = textsOf({ cookie }, known.texts).get('cookie');
    if (text !== undefined) texts.set('cookie', text);
    const changes = differences(known.texts, texts);
    if (changes.size === 0 && !this.#isDue(known, term)) return;
    if ((await this.apart.extend(id, changes, term, known.userId)) && knownOf(session, id)) {
      setKnown(session, { ...known, texts, seenAt: this.apart.now() });
    }
  }

  /** 2 commands; 3 if it was a user's; 2 when there is none. */
  async end(id: SessionId): Promise<void> {
    const record = await this.#record(id, []);
    if (record) await this.repository.revoke([id], record.userId, 'signed-out');
  }

  async #save(session: S, known: KnownSession, { texts, term, userId }: Save): Promise<void> {
    const changes = differences(known.texts, texts);
    const isHandedOver = userId !== known.userId;
    const isExtended = changes.has('cookie') || this.#isDue(known, term);
    if (changes.size === 0 && !isHandedOver && !isExtended) return;
    const seenAt = isExtended || isHandedOver ? this.apart.now() : known.seenAt;
    // Said now: express-session may save again before this is answered.
    setKnown(session, { ...known, texts, userId, seenAt });
    const isSaved = await this.#commit(session, known, changes, { term, userId, isExtended }).catch(
      (error: unknown) => {
        setKnown(session, withDoubts(known, changes));
        throw error;
      },
    );
    if (isSaved) return;
    setKnown(session, known);
    throw sessionGone();
  }

  async #commit(
    session: S,
    { id, userId: from }: KnownSession,
    changes: SessionChanges,
    { term, userId, isExtended }: { term: Term; userId: string | undefined; isExtended: boolean },
  ): Promise<boolean> {
    if (userId !== from) {
      return this.apart.handOver(id, changes, term, from, this.#signIn(session, userId));
    }
    if (isExtended) return this.apart.extend(id, changes, term, from);
    return (await this.repository.commit(id, changes)).kind === 'saved';
  }

  /** An empty answer names nobody: the store is asked again before somebody is taken for a stranger. */
  async #record(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    const record = await this.repository.read(id, only);
    if (!record) await this.repository.whyGone(id);
    return record;
  }

  async #known(id: SessionId): Promise<KnownSession | undefined> {
    const record = await this.#record(id, ['cookie']);
    return record && this.#knownOf(record);
  }

  #knownOf({ id, fields, userId, lastSeenAt }: SessionRecord): KnownSession {
    return { id, texts: readableOf(fields), userId, seenAt: lastSeenAt };
  }

  #sessionOf(record: SessionRecord): S {
    const leftMs = Math.min(record.idleSeconds * 1000, record.deadlineAt - this.apart.now());
    const session = sessionOfTexts(record.fields, Date.now() + leftMs) as S;
    setKnown(session, this.#knownOf(record));
    return session;
  }

  /** Also where nothing is known of the clock of Redis yet, and it seems to be behind. */
  #isDue({ seenAt }: KnownSession, { slackMs }: Term): boolean {
    const age = this.apart.now() - seenAt;
    return age < -CLOCK_STEP_MS || age >= slackMs;
  }

  #termOf(session: object): Term | undefined {
    return termOf((session as { cookie?: StoredCookie }).cookie, this.settings.ttlMs);
  }

  /** @throws {SessionError} `SESSION_STATE` for what cannot be a user id. */
  #userOf(session: S): string | undefined {
    const userId = this.settings.userId(session) ?? undefined;
    assertSynchronous(userId, 'RedisSessionStore: the option userId');
    if (userId !== undefined) assertUserId(userId);
    return userId;
  }

  #signIn(session: S, userId: string | undefined): SignIn | undefined {
    if (userId === undefined) return undefined;
    // express-session hangs the request on its session.
    const { req = {} } = session as { req?: DeviceRequest };
    const device = this.settings.recordsDevice ? deviceOf(req) : {};
    return {
      userId,
      provenAt: startOf(session),
      device: { address: undefined, agent: undefined, ...device },
    };
  }
}
