import type { IncomingMessage } from 'node:http';
import { type ExecutionContext, Logger } from '@nestjs/common';
import { readOnward } from '../core/going-on-from.js';
import { expiryOf, type GoneSession, type SessionRecord, termOf } from '../core/record.js';
import { Session } from '../core/session.js';
import type { Gone, SessionContext } from '../core/session-context.js';
import type { SessionRepository } from '../core/session-repository.js';
import { idOfToken, type SessionId, type SessionToken } from '../core/token.js';
import { loads, touches, trace } from '../core/trace.js';
import type { SessionSettings } from '../session.settings.js';
import type { Adoption } from './adoption.js';
import { RequestContext } from './request-context.js';
import { readToken } from './token-carrier.js';

export interface Found {
  readonly session: Session;
  /** What it is made of, if only some fields were fetched. */
  readonly part?: SessionRecord;
}

/** Finds the session that the token of a request names; where something else names it, a class that is derived says so. */
export class SessionFinder {
  static readonly #logger = new Logger('Session');
  readonly #startedAt = performance.now();
  /** Whether a new token would reach the browser: one that has aged is replaced, and a session from before goes over. */
  handsOutTokens = true;
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

  /** @param isUnavailable whether the store did not answer. */
  stranger(isUnavailable = false, gone?: Gone): Session {
    return new Session(undefined, this.#context(isUnavailable), gone);
  }

  /** @param only the fields that are wanted. */
  find(only?: ReadonlySet<string>): Promise<Found> {
    return loads.hasSubscribers ? this.#trace(only) : this.#find(only);
  }

  #trace(only?: ReadonlySet<string>): Promise<Found> {
    const stranger = this.named() ? 'unknown' : 'none';
    const act = () => this.#find(only);
    return trace(loads, {}, act, ({ session }) =>
      session.isNew ? (session.goneReason ?? stranger) : 'found',
    );
  }

  /** Starts the idle timeout of the session anew. @returns `false` when there is none. */
  async keepAlive(): Promise<boolean> {
    const id = this.isForVisitor ? this.named() : undefined;
    const record = id && (await readOnward(this.repository, id));
    return record && record !== 'unreadable' ? this.repository.touch(record) : false;
  }

  async #find(only?: ReadonlySet<string>): Promise<Found> {
    const id = this.named();
    const found = (id && (await this.#open(id, only))) ?? (await this.#adopt());
    return found ?? { session: this.stranger() };
  }

  /** The id that the visitor names, of whatever became of it. */
  protected named(): SessionId | undefined {
    const token = readToken(this.request.headers, this.settings);
    return token && idOfToken(token);
  }

  /** Whether the session that was found is this visitor's: a token is proof of that. */
  protected accepts(_record: SessionRecord): boolean {
    return true;
  }

  /** The session in which another one goes on, for this visitor. The old token leads there for seconds, and never after a sign-in. */
  protected async goingOnFrom({
    isAlias,
    successor,
  }: GoneSession): Promise<SessionRecord | undefined> {
    return isAlias && successor ? this.repository.read(successor) : undefined;
  }

  /** @returns `undefined` for an id that names nothing, and nothing that ended a short while ago. */
  async #open(id: SessionId, only?: ReadonlySet<string>): Promise<Found | undefined> {
    const record = await this.repository.read(id, only && [...only]);
    if (record && !this.accepts(record)) return undefined;
    if (record && this.#exceedsLimits(record)) {
      // It began under longer ones, and may have been left alone for too long. Redis decides, and notes the new ones.
      if (!(await this.repository.touch(record))) return undefined;
    }
    if (record) return this.#present(record, only);
    const gone = await this.repository.whyGone(id);
    if (!gone) return undefined;
    if (gone.reason === 'unreadable') {
      const behind = { id, userId: gone.userId };
      return { session: this.stranger(false, { behind }) };
    }
    const renewed = await this.goingOnFrom(gone);
    if (renewed) return this.#present(renewed);
    return { session: this.stranger(false, await this.#describe(gone)) };
  }

  async #adopt(): Promise<Found | undefined> {
    if (!this.handsOutTokens) return undefined;
    const open = async (token: SessionToken) => (await this.#open(idOfToken(token)))?.session;
    const session = await this.adoption?.begin(this.#context(), open);
    return session && { session };
  }

  #present(record: SessionRecord, only?: ReadonlySet<string>): Found | Promise<Found> {
    const now = this.repository.now();
    const isOld = this.handsOutTokens && now - record.tokenAt >= this.settings.renewIntervalMs;
    // All of it moves.
    if (isOld && only) return this.#find();
    const session = new Session(record, this.#context());
    if (isOld) session.rotate();
    else if (this.isForVisitor && this.#isTouchDue(record, now)) {
      session.noteKept(now);
      this.#touch(record);
    }
    return only ? { session, part: record } : { session };
  }

  #context(isUnavailable = false): SessionContext {
    return new RequestContext(this.settings, this.request, this, this.#startedAt, isUnavailable);
  }

  async #describe({ reason, signedInAs }: GoneSession): Promise<Gone> {
    return { reason, signedInAs: signedInAs && (await this.repository.read(signedInAs)) };
  }

  /** Lower limits came with a new version of the application, and it would be over by them or moves to a new token. */
  #exceedsLimits(record: SessionRecord): boolean {
    if (!this.isForVisitor) return false;
    const term = termOf(record, this.settings);
    const isSame = term.idleSeconds === record.idleSeconds && term.deadlineAt === record.deadlineAt;
    if (isSame) return false;
    const now = this.repository.now();
    const isOver = expiryOf(term, this.settings.touchIntervalMs) <= now;
    return isOver || now - record.tokenAt >= this.settings.renewIntervalMs;
  }

  #isTouchDue({ lastSeenAt }: SessionRecord, now: number): boolean {
    const sinceSeen = now - lastSeenAt;
    // Seen in the future: the clock here is behind, and how far is not known yet.
    return sinceSeen < 0 || sinceSeen >= this.settings.touchIntervalMs;
  }

  /** Beside the handler: nobody waits for it, and a read works where it fails. */
  #touch(record: SessionRecord): void {
    const touch = () => this.repository.touch(record);
    const touched = touches.hasSubscribers
      ? trace(touches, {}, touch, (isAlive) => (isAlive ? 'kept' : 'gone'))
      : touch();
    touched.catch((error: Error) => {
      SessionFinder.#logger.warn(`Session ${record.id} was not kept alive. ${error.message}`);
    });
  }
}
