import type { IncomingMessage } from 'node:http';
import { Logger } from '@nestjs/common';
import type { SessionOutcome } from '../core/outcome.js';
import type { Device, GoneSession, SessionRecord } from '../core/record.js';
import { saveSession } from '../core/save-session.js';
import { Session } from '../core/session.js';
import type { Gone, SessionContext } from '../core/session-context.js';
import type { SessionRepository } from '../core/session-repository.js';
import { idOfToken, type SessionToken } from '../core/token.js';
import { SessionError } from '../session.errors.js';
import type { SessionSettings } from '../session.settings.js';
import { Adoption } from './adoption.js';
import { readToken } from './token-carrier.js';

const MAX_AGENT_LENGTH = 256;
const requests = new WeakMap<IncomingMessage, RequestSession>();

/** The session of one request: loaded when it is first asked for, once, and saved before the response begins. */
export class RequestSession {
  static readonly #logger = new Logger('Session');
  readonly #startedAt = performance.now();
  #loading: Promise<Session> | undefined;
  #session: Session | undefined;
  #stranger: Session | undefined;
  #outage: SessionError | undefined;
  /** Where visitors may have a session from before this library was used. */
  readonly adoption: Adoption | undefined;

  private constructor(
    private readonly request: IncomingMessage,
    private readonly repository: SessionRepository,
    private readonly settings: SessionSettings,
  ) {
    const { adoptFrom } = settings;
    this.adoption = adoptFrom && new Adoption(request, adoptFrom, repository, settings);
  }

  /** Gives a request its session. Costs nothing until somebody asks for it. */
  static attach(
    request: IncomingMessage,
    repository: SessionRepository,
    settings: SessionSettings,
  ): RequestSession {
    const session = new RequestSession(request, repository, settings);
    requests.set(request, session);
    return session;
  }

  /** @throws {SessionError} `SESSION_STATE` where the middleware did not run. */
  static of(request: IncomingMessage): RequestSession {
    const session = requests.get(request);
    if (session) return session;
    throw new SessionError(
      'SESSION_STATE',
      'There is no session on this request, because the middleware of SessionModule did not run for it. Import SessionModule.forRoot() in your root module, and do not exclude this route.',
    );
  }

  /** Whether anything asked for the session; if not, the response does not depend on it. */
  get wasAsked(): boolean {
    return this.#loading !== undefined;
  }

  /** How long ago the user proved who they are, by the clock of Redis; `undefined` for a guest. One command. */
  async secondsSinceProof(): Promise<number | undefined> {
    const { authenticatedAt } = await this.load();
    if (!authenticatedAt) return undefined;
    return ((await this.repository.time()) - authenticatedAt.getTime()) / 1000;
  }

  /** @throws {SessionError} `SESSION_STORE` when Redis does not answer; it is asked once in a request. */
  load(): Promise<Session> {
    return (this.#loading ??= this.#load());
  }

  /** The same, but for a stranger's session while Redis does not answer. */
  async loadOrCarryOn(): Promise<Session> {
    try {
      return await this.load();
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== 'SESSION_STORE') throw error;
      this.#outage = error;
      return (this.#stranger ??= new Session(undefined, this.#context({ isUnavailable: true })));
    }
  }

  /**
   * Decides what the request did, and saves it.
   *
   * @returns the outcome at once when there is nothing to save, so that such a response is not held up.
   */
  save(): SessionOutcome | Promise<SessionOutcome> {
    // Nothing that was written while Redis did not answer is answered with yes.
    if (this.#stranger && this.#stranger.seal().kind !== 'unchanged') throw this.#outage!;
    // Not loaded yet, or Redis did not answer: then nothing can have been changed.
    if (!this.#session) return { kind: 'unchanged' };
    const outcome = this.#session.seal();
    if (outcome.kind === 'unchanged') return outcome;
    if (outcome.kind === 'destroyed' && this.adoption) return this.#signOut(this.#session, outcome);
    return saveSession(this.repository, this.#session, outcome);
  }

  async #load(): Promise<Session> {
    this.#session = await this.#find();
    return this.#session;
  }

  /** What the visitor had elsewhere first: if it cannot be ended, nothing is, and they can ask again. */
  async #signOut(session: Session, outcome: SessionOutcome): Promise<SessionOutcome> {
    await this.adoption?.end();
    return saveSession(this.repository, session, outcome);
  }

  async #find(): Promise<Session> {
    const token = readToken(this.request.headers, this.settings);
    const context = this.#context();
    const found =
      (token && (await this.#open(token, context))) ??
      (await this.adoption?.begin(context, (adopted) => this.#open(adopted, context)));
    return found ?? new Session(undefined, context);
  }

  /** @returns `undefined` for a token that names nothing, and nothing that ended a short while ago. */
  async #open(token: SessionToken, context: SessionContext): Promise<Session | undefined> {
    const id = idOfToken(token);
    let record = await this.repository.read(id);
    if (!record) {
      const gone = await this.repository.whyGone(id);
      if (gone?.isAlias && gone.successor) record = await this.repository.read(gone.successor);
      if (!record) return gone && new Session(undefined, context, await this.#describe(gone));
    }
    const session = new Session(record, context);
    const now = this.repository.now();
    if (now - record.tokenAt >= this.settings.renewIntervalMs) session.rotate();
    else this.#touchIfDue(record, now);
    return session;
  }

  #context(more: Partial<SessionContext> = {}): SessionContext {
    return { ...this.settings, device: this.#device(), startedAt: this.#startedAt, ...more };
  }

  async #describe({ reason, signedInAs }: GoneSession): Promise<Gone> {
    return { reason, signedInAs: signedInAs && (await this.repository.read(signedInAs)) };
  }

  /** Beside the handler: nobody waits for it, and a read works where it fails. */
  #touchIfDue(record: SessionRecord, now: number): void {
    const sinceSeen = now - record.lastSeenAt;
    // Seen in the future: the clock here is behind, and how far is not known yet.
    if (sinceSeen >= 0 && sinceSeen < this.settings.touchIntervalMs) return;
    this.repository.touch(record).catch((error: Error) => {
      RequestSession.#logger.warn(`Session ${record.id} was not kept alive. ${error.message}`);
    });
  }

  #device(): Device {
    if (!this.settings.recordDevice) return { address: undefined, agent: undefined };
    // Express and Nest's Fastify adapter put `ip` here, with regard to their trust in proxies.
    const { ip } = this.request as { ip?: string };
    return {
      address: ip ?? this.request.socket.remoteAddress,
      agent: this.request.headers['user-agent']?.slice(0, MAX_AGENT_LENGTH),
    };
  }
}
