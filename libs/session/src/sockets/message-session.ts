import type { GoneSession, SessionRecord } from '../core/record.js';
import type { Session } from '../core/session.js';
import type { SessionRepository } from '../core/session-repository.js';
import { ExchangeSession } from '../http/exchange-session.js';
import { type NamedSession, SessionFinder } from '../http/session-finder.js';
import type { SessionSettings } from '../session.settings.js';
import { goingOnFrom, isOf } from '../core/going-on-from.js';
import type { SocketConnection } from './socket-connection.js';

type Acknowledge = (...args: unknown[]) => unknown;

/** The session of one message: as it is now, whatever it was at the handshake; saved once, before the answer. */
export class MessageSession extends ExchangeSession {
  #settled: Promise<void> | undefined;
  readonly #sealed = new WeakSet<Session>();

  /** @param isFromVisitor whether the message is theirs; one of the site keeps no session alive. */
  constructor(
    connection: SocketConnection,
    repository: SessionRepository,
    settings: SessionSettings,
    isFromVisitor = true,
  ) {
    super(new ConnectionSessionFinder(connection, repository, settings), repository);
    this.finder.keepToken();
    this.finder.isForVisitor = isFromVisitor;
  }

  /** Loaded when nothing more is saved, it can only be read. */
  override async load(only?: ReadonlySet<string>): Promise<Session> {
    return this.#sealIfSettled(await super.load(only));
  }

  override async loadOrCarryOn(only?: ReadonlySet<string>): Promise<Session> {
    return this.#sealIfSettled(await super.loadOrCarryOn(only));
  }

  /** Whether nothing more is saved. */
  get isSettled(): boolean {
    return this.#settled !== undefined;
  }

  /** Rejects, each time, where it could not be saved. */
  settle(): Promise<void> {
    return (this.#settled ??= this.#save());
  }

  async #save(): Promise<void> {
    await this.save();
  }

  #sealIfSettled(session: Session): Session {
    // Once: it looks through all fields that were read.
    if (this.isSettled && !this.#sealed.has(session)) {
      this.#sealed.add(session);
      session.seal();
    }
    return session;
  }

  /**
   * A handler may answer by itself: then it is saved before that. What could not be saved, the end of the handler tells.
   *
   * @param failed is told what `acknowledge` throws: it runs when the handler may have returned, so nothing else would catch it.
   */
  settlingFirst(acknowledge: Acknowledge, failed: (error: unknown) => void): Acknowledge {
    return (...args) => void this.#settleAnd(() => acknowledge(...args), failed);
  }

  async #settleAnd(act: () => unknown, failed: (error: unknown) => void): Promise<void> {
    try {
      await this.settle();
    } catch {
      return;
    }
    try {
      await act();
    } catch (error) {
      failed(error);
    }
  }
}

/** The socket was opened with a token that may be an old one by now: its session is known, and goes on. */
class ConnectionSessionFinder extends SessionFinder {
  constructor(
    private readonly connection: SocketConnection,
    repository: SessionRepository,
    settings: SessionSettings,
  ) {
    super(connection.request, repository, settings);
  }

  protected override named(): NamedSession[][] {
    const { sessionId: id } = this.connection;
    return id === undefined ? [] : [[{ id, carriers: [] }]];
  }

  /** A socket is that of one user. Its session never becomes another user's: who signs in gets a new one. */
  protected override accepts({ userId }: SessionRecord): boolean {
    return userId === this.connection.userId;
  }

  protected override goingOnFrom(gone: GoneSession): Promise<SessionRecord | undefined> {
    return goingOnFrom(gone, isOf(this.connection.userId), this.repository);
  }
}
