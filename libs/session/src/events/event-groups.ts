import { Inject, Injectable } from '@nestjs/common';
import { SessionRepository } from '../core/session-repository.js';
import { StreamGroup } from '../redis/events/stream-group.js';
import { SessionKeys } from '../redis/keys.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { RedisSessionRepository } from '../redis/redis-session-repository.js';
import { SessionSettings } from '../session.settings.js';
import { callHandler, type EventHandler } from './event-handler.js';
import { GroupConsumer } from './group-consumer.js';
import { SessionEvents } from './session-events.js';
import { SessionEventsSettings } from './session-events.settings.js';

/** How long a question may take that Redis holds for a second at most. */
const HELD_MS = 1000;

/** The groups of handlers in this instance, each with a connection of its own. */
@Injectable()
export class EventGroups {
  #consumers: GroupConsumer[] = [];

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(RedisConnection) private readonly connection: RedisConnection,
    @Inject(SessionSettings) private readonly sessions: SessionSettings,
    @Inject(SessionEventsSettings) private readonly settings: SessionEventsSettings,
    @Inject(SessionEvents) private readonly events: SessionEvents,
  ) {}

  async start(handlers: readonly EventHandler[]): Promise<void> {
    if (!(this.repository instanceof RedisSessionRepository)) return this.#handleHere(handlers);
    const { retryAfterMs = 0 } = this.settings.stream ?? {};
    const names = new Set(handlers.map(({ group }) => group!));
    this.#consumers = [...names].map((name) => {
      const ofGroup = handlers.filter(({ group }) => group === name);
      const decode = (text: string) => this.events.decode(text);
      return new GroupConsumer(this.#groupOf(name), ofGroup, retryAfterMs, decode);
    });
    await Promise.all(this.#consumers.map((consumer) => consumer.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
  }

  #groupOf(name: string): StreamGroup {
    const { connection, sessions, events } = this;
    const patienceMs = HELD_MS + Math.max(1000, 2 * sessions.storeTimeoutMs);
    const last = { socketTimeout: patienceMs, commandTimeout: undefined };
    const beside = connection.beside(HELD_MS + sessions.storeTimeoutMs, last);
    const { eventStream } = new SessionKeys(sessions.keyPrefix);
    return new StreamGroup(beside, eventStream, name, events.instance);
  }

  /** In memory: there is no other instance, and nothing that outlives this one. */
  #handleHere(handlers: readonly EventHandler[]): void {
    this.events.all$.subscribe((event) => {
      for (const handler of handlers) if (handler.wants(event)) void callHandler(handler, event);
    });
  }
}
