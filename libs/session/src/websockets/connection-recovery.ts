import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { goingOnFrom, isOf } from '../core/going-on-from.js';
import { SessionRepository } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import { Handshakes } from '../sockets/handshakes.js';
import { SocketRegistry } from '../sockets/socket-registry.js';

/** Whose socket it was, kept with what socket.io keeps of it; adapters for several instances keep it as JSON or alike. */
interface Owner {
  readonly sessionId?: SessionId | undefined;
  readonly userId?: string | undefined;
}

interface KeptSocket {
  readonly sid: string;
  sessionOwner?: Owner;
}

/** How a namespace of socket.io is told of a peer, since socket.io 4.6; without it nothing is recovered. */
const ADD = '_add';

/** What this library uses of a namespace of socket.io, so that it does not need socket.io. */
interface Namespace {
  readonly adapter: {
    persistSession(kept: KeptSocket): unknown;
    restoreSession(
      pid: string,
      offset: string,
    ): KeptSocket | null | undefined | Promise<KeptSocket | null | undefined>;
  };
  readonly sockets: ReadonlyMap<string, object>;
  readonly server?: Server;
  [ADD]?(peer: Peer, ...rest: unknown[]): unknown;
}

interface Server {
  readonly sockets?: Namespace;
  on?(event: 'new_namespace', listener: (namespace: Namespace) => void): unknown;
}

interface Peer {
  readonly request: IncomingMessage;
}

/**
 * The `connectionStateRecovery` of socket.io gives a peer that comes back its rooms and what it has missed, by a name that only the
 * peer knows. Here it gets them only with the session that its socket had, if that goes on; otherwise it begins anew.
 */
@Injectable()
export class ConnectionRecovery {
  readonly #seen = new WeakSet<object>();
  /**
   * Who comes back: socket.io asks its adapter before `_add` returns its promise, and does not say for whom. No storage of
   * `async_hooks`: with Node 20 and 22 it makes each promise of the process dearer.
   */
  #peer: Peer | undefined;

  constructor(
    @Inject(Handshakes) private readonly handshakes: Handshakes,
    @Inject(SocketRegistry) private readonly registry: SocketRegistry,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
  ) {}

  /** @param created what an adapter of Nest has made: a server, or a namespace of one. Others than those of socket.io are left alone. */
  watch(created: Partial<Namespace> & Server): void {
    const server: Server = created.server ?? created;
    for (const namespace of [created as Namespace, server.sockets]) {
      if (namespace) this.#watchNamespace(namespace);
    }
    if (!server.sockets || !this.#isNew(server)) return;
    server.on?.('new_namespace', (namespace) => this.#watchNamespace(namespace));
  }

  #watchNamespace(namespace: Namespace): void {
    const add = namespace[ADD];
    if (typeof add !== 'function' || !this.#isNew(namespace)) return;
    namespace[ADD] = (peer, ...rest) => {
      // Now: the application may have chosen another one meanwhile.
      this.#watchAdapter(namespace);
      this.#peer = peer;
      try {
        return add.call(namespace, peer, ...rest);
      } finally {
        this.#peer = undefined;
      }
    };
  }

  #watchAdapter({ adapter, sockets }: Namespace): void {
    if (typeof adapter.restoreSession !== 'function' || !this.#isNew(adapter)) return;
    const { persistSession, restoreSession } = adapter;
    adapter.persistSession = (kept) => {
      const { sessionId, userId } = this.registry.connectionOf(sockets.get(kept.sid) ?? {}) ?? {};
      return persistSession.call(adapter, { ...kept, sessionOwner: { sessionId, userId } });
    };
    adapter.restoreSession = async (pid, offset) => {
      const request = this.#peer?.request;
      const kept = await restoreSession.call(adapter, pid, offset);
      return kept?.sessionOwner && (await this.#isOwner(kept.sessionOwner, request)) ? kept : null;
    };
  }

  /** The session may have ended since the handshake, so the store is asked. 1 command; some more where it has a new token since. */
  async #isOwner(owner: Owner, request: IncomingMessage | undefined): Promise<boolean> {
    const connection = this.handshakes.acceptedOf(request);
    if (!connection || connection.userId !== owner.userId) return false;
    const { sessionId, userId } = connection;
    if (sessionId === undefined || owner.sessionId === undefined) {
      return sessionId === owner.sessionId;
    }
    const ids = [...new Set([sessionId, owner.sessionId])];
    const [now, then = now] = await Promise.all(ids.map((id) => this.#nameNow(id, userId)));
    return now !== undefined && now === then;
  }

  /** What a session is called now; nothing if it has ended, or is another user's. */
  async #nameNow(id: SessionId, userId: string | undefined): Promise<SessionId | undefined> {
    const record = await this.repository.read(id, []);
    if (record) return record.userId === userId ? id : undefined;
    const gone = await this.repository.whyGone(id);
    return gone && (await goingOnFrom(gone, isOf(userId), this.repository))?.id;
  }

  #isNew(thing: object): boolean {
    if (this.#seen.has(thing)) return false;
    this.#seen.add(thing);
    return true;
  }
}
