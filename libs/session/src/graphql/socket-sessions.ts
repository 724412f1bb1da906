import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { SessionRepository } from '../core/session-repository.js';
import type { SessionSettings } from '../session.settings.js';
import { MessageSession } from '../sockets/message-session.js';
import type { SocketConnection } from '../sockets/socket-connection.js';
import { type FieldPath, findRequestOfResolver, infoOfResolver } from './request-of-resolver.js';

const ofRequest = new WeakMap<IncomingMessage, SocketSessions>();

/**
 * The sessions of one socket. Each root field of an operation has one, as it is then: its handler may change it, and what lies
 * below reads it. Each event of a subscription has one of its own, to read.
 */
export class SocketSessions {
  /** By the path of the root field: of each run of each operation it is another object. */
  readonly #sessions = new WeakMap<object, MessageSession>();

  constructor(
    private readonly connection: SocketConnection,
    private readonly repository: SessionRepository,
    private readonly settings: SessionSettings,
  ) {}

  /** From here on resolvers find it. */
  begin(): void {
    ofRequest.set(this.connection.request, this);
  }

  /** Of the socket that was opened by this request. */
  static of(request: IncomingMessage): SocketSessions | undefined {
    return ofRequest.get(request);
  }

  /** @returns `undefined` for a resolver that no socket asks. */
  static find(context: ExecutionContext): MessageSession | undefined {
    const request = findRequestOfResolver(context);
    return request && this.of(request)?.for(context);
  }

  for(context: ExecutionContext): MessageSession {
    const { path, operation } = infoOfResolver(context);
    // Loaders of Mercurius have no path, and a list of their own each time.
    const root = path ? rootOf(path) : context.getArgs<object[]>()[0]!;
    const known = this.#sessions.get(root);
    if (known) return known;
    const isRoot = root === path;
    const isEvent = !isRoot && operation?.operation === 'subscription';
    const { connection, repository, settings } = this;
    const session = new MessageSession(connection, repository, settings, !isEvent);
    // Nobody would save it: the handler of the root field has ended.
    if (!isRoot) session.settle().catch(() => undefined);
    this.#sessions.set(root, session);
    return session;
  }
}

function rootOf(path: FieldPath): FieldPath {
  return path.prev ? rootOf(path.prev) : path;
}
