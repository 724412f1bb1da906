import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { SessionListener } from '../core/session-listeners.js';
import { SessionRepository } from '../core/session-repository.js';
import { type EventChannels, eventChannels } from '../redis/events/event-channels.js';
import { EventPublisher } from '../redis/events/event-publisher.js';
import { EventStream } from '../redis/events/event-stream.js';
import { checkExpiryNotices } from '../redis/events/expiry-notices.js';
import { Listening } from '../redis/events/listening.js';
import { SessionKeys } from '../redis/keys.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { RedisSessionRepository } from '../redis/redis-session-repository.js';
import { SessionSettings } from '../session.settings.js';
import { encodeEvents, isCutoffNoteOfAnother } from './event-codec.js';
import { tellOfCutoffs } from './tell-of-cutoffs.js';
import type { SessionExpired } from './session-event.js';
import { SessionEvents } from './session-events.js';
import { SessionEventsSettings } from './session-events.settings.js';

/** Carries what this instance does to Redis, and what Redis tells to this instance. */
@Injectable()
export class EventRelay {
  readonly #keys: SessionKeys;
  readonly #channels: EventChannels;
  #listening: Listening | undefined;
  #stopTelling = (): void => undefined;

  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(RedisConnection) private readonly connection: RedisConnection,
    @Inject(SessionSettings) private readonly sessions: SessionSettings,
    @Inject(SessionEventsSettings) private readonly settings: SessionEventsSettings,
    @Inject(SessionEvents) private readonly events: SessionEvents,
  ) {
    this.#keys = new SessionKeys(sessions.keyPrefix);
    this.#channels = eventChannels(connection, this.#keys, settings.hearsExpiries);
  }

  /** A test that keeps sessions in memory has no Redis: there is one instance, and it hears itself. */
  get isInRedis(): boolean {
    return this.repository instanceof RedisSessionRepository;
  }

  /** From here on it is told what this instance does. */
  tell(): void {
    const { listeners } = this.repository;
    if (!this.isInRedis) {
      this.#stopTelling = listeners.add(this.#toItself());
      return;
    }
    const publisher = new EventPublisher(this.connection, this.#channels);
    const stops = [
      listeners.add(this.#toRedis(publisher)),
      tellOfCutoffs(listeners, publisher, this.events.instance),
    ];
    this.#stopTelling = () => stops.forEach((stop) => stop());
  }

  /**
   * Resolves once it listens, after `storeTimeoutMs` at the latest: an application starts also while Redis is away.
   *
   * @returns whether it does by then; it goes on trying.
   */
  async listen(): Promise<boolean> {
    if (!this.isInRedis) return true;
    let isHeard = false;
    const { connection, sessions } = this;
    const { storeTimeoutMs } = sessions;
    const hear = (channel: string, text: string) => this.#hear(channel, text);
    const missed = (forMs: number) => this.#missed(forMs);
    const listens = () => {
      isHeard = true;
      if (this.settings.hearsExpiries) void checkExpiryNotices(connection);
    };
    const listener = { hear, missed, listens };
    this.#listening = new Listening(connection, this.#channels, listener, storeTimeoutMs);
    const started = this.#listening.start();
    await Promise.race([started, wait(storeTimeoutMs, undefined, { ref: false })]);
    return isHeard;
  }

  async close(): Promise<void> {
    this.#stopTelling();
    await this.#listening?.close();
    this.events.end();
  }

  #toRedis(publisher: EventPublisher): SessionListener {
    const { connection, settings } = this;
    const { maxLength } = settings.stream ?? {};
    const stream = maxLength && new EventStream(connection, this.#keys.eventStream, maxLength);
    return (events) => {
      const text = encodeEvents(this.events.instance, events);
      void publisher.publish(text);
      return stream ? stream.add(text) : undefined;
    };
  }

  #toItself(): SessionListener {
    const { instance } = this.events;
    return (events) => void this.events.tell(events.map((event) => ({ ...event, instance })));
  }

  #hear(channel: string, text: string): void {
    if (channel === this.#channels.expiries) this.#hearExpiry(text);
    else if (isCutoffNoteOfAnother(text, this.events.instance)) this.#noteCutoff();
    else this.events.tell(this.events.decode(text));
  }

  #noteCutoff(): void {
    const { repository } = this;
    if (repository instanceof RedisSessionRepository) repository.noteCutoff();
  }

  #hearExpiry(key: string): void {
    const { clientPrefix } = this.connection;
    if (!key.startsWith(clientPrefix) || !this.#keys.isSession(key.slice(clientPrefix.length)))
      return;
    const at = this.repository.now();
    const nobody = { userId: undefined, instance: undefined };
    this.events.tell(
      SessionKeys.idOf(key).map((sessionId): SessionExpired => ({
        type: 'expired',
        sessionId,
        at,
        ...nobody,
      })),
    );
  }

  #missed(forMs: number): void {
    const until = this.repository.now();
    this.events.tellGap({ since: Math.floor(until - forMs), until });
  }
}
