import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import {
  acceptsFormer,
  type GoneSession,
  type SessionRecord,
  UNDER_WAY_MS,
  type UnreadableSession,
} from '../core/record.js';
import { Session } from '../core/session.js';
import type { Gone, SessionContext } from '../core/session-context.js';
import type { SessionRepository } from '../core/session-repository.js';
import { idOfToken, type SessionId, type SessionToken } from '../core/token.js';
import { loads, trace } from '../core/trace.js';
import type { SessionSettings } from '../session.settings.js';
import type { Adoption } from './adoption.js';
import { RequestContext } from './request-context.js';
import { believed } from './believed-session.js';
import { warnIfLarge, warnOfDifferentUsers, warnOfTwoCookies } from './cookie-warnings.js';
import { confirmIfNew, exceedsLimits, keepAlive, touchIfDue } from './signs-of-use.js';
import { type Carrier, carriersFor, readTokens } from './token-carrier.js';

export interface Found {
  readonly session: Session;
  /** What it is made of, if only some fields were fetched. */
  readonly part?: SessionRecord;
  /** Other live sessions that the same browser has sent. */
  readonly others?: readonly SessionRecord[];
}

/** A session that the visitor names. */
export interface NamedSession {
  readonly id: SessionId;
  readonly carriers: readonly Carrier[];
}

/** What such a name leads to. */
interface Look {
  readonly id: SessionId;
  readonly carriers: readonly Carrier[];
  readonly record?: SessionRecord | undefined;
  /** The fields that were fetched, if not all were. */
  readonly only?: ReadonlySet<string> | undefined;
  readonly gone?: GoneSession | UnreadableSession | undefined;
  /** The id that was named, where the session has another one by now. */
  readonly alias?: SessionId | undefined;
}
type LiveLook = Look & { readonly record: SessionRecord };

/** Finds the session that the token of a request names; where something else names it, a class that is derived says so. */
export class SessionFinder {
  readonly #startedAt = performance.now();
  #carriers: readonly Carrier[] | undefined;
  #found: SessionId | undefined;
  #handsOutTokens = true;
  #rotated: { readonly session: Session; readonly record: SessionRecord } | undefined;
  /** Whether it is the visitor who asks. What the site does by itself is no sign of them, and keeps nothing alive. */
  isForVisitor = true;
  /** Of the handler that asked first, if one did. */
  context: ExecutionContext | undefined;

  constructor(
    private readonly request: IncomingMessage,
    protected readonly repository: SessionRepository,
    private readonly settings: SessionSettings,
    private readonly adoption?: Adoption,
  ) {}

  /** By the clock of the store, as well as it is known here. */
  now(): number {
    return this.repository.now();
  }

  /** Whether a new token would reach the browser: one that has aged is replaced, and a session from before goes over. */
  get handsOutTokens(): boolean {
    return this.#handsOutTokens;
  }

  /** None would. It may be known only after something else has asked for the session. */
  keepToken(): void {
    this.#handsOutTokens = false;
    if (!this.#rotated) return;
    const { session, record } = this.#rotated;
    session.unrotate();
    if (this.isForVisitor) this.#touchIfDue(session, record);
    this.#rotated = undefined;
  }

  /** What takes a new token to the visitor: what brought the one that was believed. */
  get carriers(): readonly Carrier[] {
    return this.#carriers ?? carriersFor(this.request.headers, this.settings);
  }

  /** @param isUnavailable whether the store did not answer. */
  stranger(isUnavailable = false, gone?: Gone): Session {
    return new Session(undefined, this.#context(isUnavailable), gone);
  }

  /** @param only the fields that are wanted. */
  find(only?: ReadonlySet<string>): Promise<Found> {
    return loads.hasSubscribers ? this.#trace(only) : this.#find(only);
  }

  #trace(only?: ReadonlySet<string>): Promise<Found> {
    const stranger = this.named().length > 0 ? 'unknown' : 'none';
    const act = () => this.#find(only);
    return trace(loads, {}, act, ({ session }) =>
      session.isNew ? (session.goneReason ?? stranger) : 'found',
    );
  }

  /** Starts the idle timeout of the session anew. @returns `false` when there is none. */
  async keepAlive(): Promise<boolean> {
    if (!this.isForVisitor) return false;
    const ids = this.#found
      ? [this.#found]
      : this.named().flatMap((group) => group.map(({ id }) => id));
    const kept = await Promise.all(ids.map((id) => keepAlive(this.repository, id)));
    return kept.includes(true);
  }

  async #find(only?: ReadonlySet<string>): Promise<Found> {
    let ended: Look | undefined;
    for (const group of this.named()) {
      const looks = await this.#lookAt(group, only);
      const live = looks.filter(isLive);
      // Where the old and the new token of one session came, the new one was seen.
      live.sort((a, b) => Number(a.alias !== undefined) - Number(b.alias !== undefined));
      if (live.length > 0) return this.#choose(live);
      ended ??= looks.find(({ gone }) => gone);
    }
    if (ended) return { session: this.stranger(false, await this.#describe(ended)) };
    return (await this.#adopt()) ?? { session: this.stranger() };
  }

  /** The sessions that the visitor names, whatever became of them, in groups to be asked in turn. */
  protected named(): readonly (readonly NamedSession[])[] {
    const { headers } = this.request;
    if (this.settings.carriers.includes('cookie')) warnIfLarge(this.settings, headers.cookie);
    const groups = readTokens(headers, this.settings);
    return groups.map((group) =>
      group.map(({ token, carriers }) => ({ id: idOfToken(token), carriers })),
    );
  }

  /** Whether the session that was found is this visitor's: a token is proof of that. */
  protected accepts(_record: SessionRecord): boolean {
    return true;
  }

  /** The session in which another one goes on, for this visitor; never after a sign-in. */
  protected async goingOnFrom(
    { isAlias, successor }: GoneSession,
    from: SessionId,
  ): Promise<SessionRecord | undefined> {
    if (!isAlias || !successor) return undefined;
    const record = await this.repository.read(successor);
    if (record) return acceptsFormer(record, from, this.repository.now()) ? record : undefined;
    // Another request with the same token may just have renewed it once more.
    const gone = await this.repository.whyGone(from);
    if (!gone || gone.reason === 'unreadable' || gone.successor === successor) return undefined;
    return this.goingOnFrom(gone, from);
  }

  #lookAt(group: readonly NamedSession[], only?: ReadonlySet<string>): Promise<Look[]> {
    if (group.length > 1) warnOfTwoCookies(this.settings);
    return Promise.all(group.map((named) => this.#look(named, only)));
  }

  /** Begins, renews and ends nothing, so that another one may be believed. */
  async #look({ id, carriers }: NamedSession, only?: ReadonlySet<string>): Promise<Look> {
    const record = await this.repository.read(id, only && [...only]);
    if (record) {
      return (await this.#isLetIn(record)) ? { id, carriers, record, only } : { id, carriers };
    }
    const gone = await this.repository.whyGone(id);
    if (!gone || gone.reason === 'unreadable') return { id, carriers, gone };
    return { id, carriers, record: await this.goingOnFrom(gone, id), gone, alias: id };
  }

  async #isLetIn(record: SessionRecord): Promise<boolean> {
    if (!this.accepts(record)) return false;
    // It began under longer limits, and may have been left alone for too long. Redis decides, and notes the new ones.
    return (
      !this.isForVisitor ||
      !exceedsLimits(record, this.settings, this.repository.now()) ||
      this.repository.touch(record)
    );
  }

  async #choose(live: readonly LiveLook[]): Promise<Found> {
    const chosen = believed(live);
    if (!chosen) {
      warnOfDifferentUsers(this.settings);
      return { session: this.stranger() };
    }
    const { id } = chosen.record;
    const others = live.map(({ record }) => record).filter((record) => record.id !== id);
    return { ...(await this.#present(chosen)), others };
  }

  async #adopt(): Promise<Found | undefined> {
    if (!this.#handsOutTokens) return undefined;
    const session = await this.adoption?.begin(this.#context(), (token) => this.#open(token));
    return session && { session };
  }

  /** @returns `undefined` for a token of nothing, and of nothing that ended a short while ago. */
  async #open(token: SessionToken): Promise<Session | undefined> {
    const look = await this.#look({ id: idOfToken(token), carriers: this.carriers });
    if (isLive(look)) return (await this.#present(look)).session;
    return look.gone && this.stranger(false, await this.#describe(look));
  }

  async #present({ record, only, carriers, alias }: LiveLook): Promise<Found> {
    const now = this.repository.now();
    // Who comes with an old token when no request is under way any more never got the new one.
    const longestMs = alias === undefined ? this.settings.renewIntervalMs : UNDER_WAY_MS;
    const isOld = this.#handsOutTokens && now - record.tokenAt >= longestMs;
    // All of it moves.
    if (isOld && only) return this.#find();
    this.#carriers = carriers;
    this.#found = record.id;
    const session = new Session(record, this.#context());
    if (isOld) {
      session.rotate(alias ?? record.id);
      this.#rotated = { session, record };
    } else if (this.isForVisitor) this.#touchIfDue(session, record);
    if (!isOld && alias === undefined) confirmIfNew(this.repository, record);
    return only ? { session, part: record } : { session };
  }

  #context(isUnavailable = false): SessionContext {
    return new RequestContext(this.settings, this.request, this, this.#startedAt, isUnavailable);
  }

  async #describe({ id, gone }: Look): Promise<Gone> {
    if (!gone) return {};
    if (gone.reason === 'unreadable') return { behind: { id, userId: gone.userId } };
    const { reason, signedInAs } = gone;
    return { reason, signedInAs: signedInAs && (await this.repository.read(signedInAs)) };
  }

  #touchIfDue(session: Session, record: SessionRecord): void {
    const isSent = touchIfDue(this.repository, record, this.settings);
    if (isSent) session.noteKept(this.repository.now());
  }
}

function isLive(look: Look): look is LiveLook {
  return look.record !== undefined;
}
