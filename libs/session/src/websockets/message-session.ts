import type { ExecutionContext } from '@nestjs/common';
import type { GoneSession, SessionRecord } from '../core/record.js';
import type { SessionRepository } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { ExchangeSession } from '../http/exchange-session.js';
import { SessionFinder } from '../http/session-finder.js';
import { SessionError } from '../session.errors.js';
import type { SessionSettings } from '../session.settings.js';
import { goingOnFrom } from './going-on-from.js';
import type { SocketConnection } from './socket-connection.js';

type Acknowledge = (...args: unknown[]) => void;

/** The session of one message: as it is now, whatever it was at the handshake; saved once, before the answer. */
export class MessageSession extends ExchangeSession {
  #settled: Promise<void> | undefined;

  constructor(
    connection: SocketConnection,
    repository: SessionRepository,
    settings: SessionSettings,
  ) {
    super(new ConnectionSessionFinder(connection, repository, settings), repository);
    this.finder.handsOutTokens = false;
  }

  /** @throws {SessionError} `SESSION_STATE` where a message came another way. */
  static of(context: ExecutionContext): MessageSession {
    const session = this.find(context);
    if (session) return session;
    throw new SessionError(
      'SESSION_STATE',
      'A session was asked for in a gateway whose messages SessionWebSocketsModule does not see. Import it in your root module.',
    );
  }

  /** It travels beside the message: handlers of one socket run at the same time. */
  static find(context: ExecutionContext): MessageSession | undefined {
    return context.getArgs<unknown[]>().find((arg) => arg instanceof MessageSession);
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

  /** A handler may answer by itself: then it is saved before that. What could not be, the end of the handler tells. */
  settlingFirst(acknowledge: Acknowledge): Acknowledge {
    return (...args) => {
      this.settle().then(
        () => acknowledge(...args),
        () => undefined,
      );
    };
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

  protected override named(): SessionId | undefined {
    return this.connection.sessionId;
  }

  protected override goingOnFrom(gone: GoneSession): Promise<SessionRecord | undefined> {
    return goingOnFrom(gone, this.connection.userId, this.repository);
  }
}
