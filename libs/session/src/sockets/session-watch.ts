import { Inject, Injectable, Optional } from '@nestjs/common';
import { goingOnFrom, isOf } from '../core/going-on-from.js';
import {
  expiryOf,
  type GoneReason,
  type GoneSession,
  type SessionRecord,
  type UnreadableSession,
} from '../core/record.js';
import { SessionRepository } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import type { SessionEvent } from '../events/session-event.js';
import { SessionEvents } from '../events/session-events.js';
import { bodyOfRefusal } from '../http/http-error.js';
import { SessionSettings } from '../session.settings.js';
import { Deadlines } from './deadlines.js';
import { LookQueue } from './look-queue.js';
import { onClosed, type SocketClient } from './socket-client.js';
import { SocketCloser } from './socket-closer.js';
import type { SocketConnection } from './socket-connection.js';
import { SocketRegistry } from './socket-registry.js';
import { SocketSettings } from './socket-settings.js';

/** Nothing is left that could tell why. */
const EXPIRED = 'SESSION_EXPIRED';
/** The guest is a user now: the browser has another token, and comes again with it. */
const SIGNED_IN = 'SESSION_SIGNED_IN';

/** Closes sockets whose sessions end: as events tell it, and by a look where one may have ended that nobody tells of. */
@Injectable()
export class SessionWatch {
  readonly #looks = new LookQueue<SessionId>((id) => this.#look(id));
  readonly #deadlines = new Deadlines<SessionId>((ids) => this.#looks.add(ids));
  readonly #closer = new SocketCloser();
  readonly #events: SessionEvents;
  readonly #stopHearing: () => void;
  /** How many events there were: whoever remembers it knows later whether there were more. */
  heard = 0;

  constructor(
    @Inject(SocketRegistry) private readonly registry: SocketRegistry,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
    @Inject(SocketSettings) sockets: SocketSettings,
    @Optional() @Inject(SessionEvents) events?: SessionEvents,
  ) {
    if (!events) throw sockets.withoutEvents();
    this.#events = events;
    events.all$.subscribe((event) => {
      this.heard++;
      this.#hear(event);
    });
    events.gaps$.subscribe(() => this.#lookAtAll());
    this.#stopHearing = repository.listeners.addCutoffListener({
      changed: () => this.#lookAtAll(),
    });
  }

  /** From here on the socket lives no longer than its session. */
  begin(client: SocketClient, connection: SocketConnection): void {
    this.registry.add(client, connection);
    onClosed(client, () => this.#end(client, connection));
    const { sessionId, endsAt, heard } = connection;
    if (sessionId === undefined) return;
    this.#deadlines.set(sessionId, endsAt - this.repository.now());
    // It was read before it was watched.
    if (heard !== this.heard) this.#looks.add([sessionId]);
  }

  refuse(client: SocketClient, code: string): void {
    this.#closer.close([client], code);
  }

  stop(): void {
    this.#stopHearing();
    this.#deadlines.stop();
    this.#looks.stop();
  }

  #end(client: SocketClient, { sessionId }: SocketConnection): void {
    this.registry.remove(client);
    if (sessionId !== undefined && !this.registry.has(sessionId)) this.#deadlines.delete(sessionId);
  }

  #lookAtAll(): void {
    this.heard++;
    this.#looks.add(this.registry.sessionIds());
  }

  #hear(event: SessionEvent): void {
    const { type, sessionId } = event;
    if (type === 'renewed') this.#hearOfRenewal(event.previousId, sessionId);
    else if (type === 'signed-in' && event.previousId) this.#close(event.previousId, SIGNED_IN);
    else if (type === 'signed-out') this.#close(sessionId, codeOf('signed-out'));
    else if (type === 'revoked') this.#close(sessionId, codeOf(event.reason));
    // Redis tells of a key. Whether it was this session's end, the look says.
    else if (type === 'expired') this.#lookIfOpen(sessionId);
  }

  /** What comes next of that session is told when its sockets have followed, so that it reaches them. */
  #hearOfRenewal(from: SessionId, to: SessionId): void {
    if (this.registry.has(from)) this.#events.hold(to, this.#confirm(from, to));
  }

  /** The event is only a hint: who may PUBLISH could name the session of another user. */
  async #confirm(from: SessionId, to: SessionId): Promise<void> {
    try {
      const both = [from, to].map((id) => this.repository.read(id, []));
      const [old, record] = await Promise.all(both);
      if (old) return;
      const gone = await this.repository.whyGone(from);
      const isNext = (gone?.successor ?? gone?.signedInAs) === to;
      const isSameUser = record !== undefined && record.userId === this.registry.userOf(from);
      if (isNext && isSameUser) return this.#follow(from, record);
    } catch {
      // The store is away: it is looked at until it answers.
    }
    this.#lookIfOpen(from);
  }

  #lookIfOpen(sessionId: SessionId): void {
    if (this.registry.has(sessionId)) this.#looks.add([sessionId]);
  }

  #close(sessionId: SessionId, code: string): void {
    this.#closer.close(this.registry.ofSession(sessionId), code);
  }

  #follow(from: SessionId, to: SessionRecord): void {
    if (!this.registry.has(from)) return;
    this.registry.move(from, to.id);
    this.#deadlines.delete(from);
    this.#endsWith(to);
  }

  #endsWith(record: SessionRecord): void {
    const endsAt = expiryOf(record, this.settings.touchIntervalMs);
    this.#deadlines.set(record.id, endsAt - this.repository.now());
  }

  /** Rejects where the store does not say whether it is there. Does not keep it alive. */
  async #look(id: SessionId): Promise<void> {
    if (!this.registry.has(id)) return;
    const record = await this.repository.read(id, []);
    if (record) return this.#endsWith(record);
    const gone = await this.repository.whyGone(id);
    const next = gone && (await goingOnFrom(gone, isOf(this.registry.userOf(id)), this.repository));
    if (next) this.#follow(id, next);
    else this.#close(id, codeOfGone(gone));
  }
}

function codeOfGone(gone: GoneSession | UnreadableSession | undefined): string {
  if (!gone || gone.reason === 'unreadable') return EXPIRED;
  return gone.signedInAs ? SIGNED_IN : codeOf(gone.reason);
}

/** As `SessionGuard` has it. */
function codeOf(goneReason: GoneReason): string {
  return bodyOfRefusal({ goneReason }).code;
}
