import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { SessionError } from '../session.errors.js';
import type { EventHandler } from './event-handler.js';
import { type Wish, wishesOf } from './on-session-event.decorator.js';
import type { SessionEvent } from './session-event.js';
import { SessionEventsSettings } from './session-events.settings.js';

type Provider = ReturnType<DiscoveryService['getProviders']>[number];

/** Finds the methods with `@OnSessionEvent()`, and refuses those that would never be called. */
@Injectable()
export class EventHandlers {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(SessionEventsSettings) private readonly settings: SessionEventsSettings,
  ) {}

  /** @throws {SessionError} `SESSION_CONFIG` for a method that would never be called. */
  find(): EventHandler[] {
    const providers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    // One instance may be provided under several names.
    const seen = new Set<unknown>();
    return providers.flatMap((provider) => {
      const type = provider.metatype ?? (provider.instance as object | undefined)?.constructor;
      if (typeof type !== 'function' || provider.isAlias || seen.has(provider.instance)) return [];
      if (provider.instance) seen.add(provider.instance);
      return this.#handlersOf(provider);
    });
  }

  #handlersOf(provider: Provider): EventHandler[] {
    const instance = provider.instance as Record<string, (event: SessionEvent) => unknown>;
    const prototype = prototypeOf(provider);
    if (!prototype) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) =>
      wishesOf(prototype.constructor, method).map((wish) => {
        const name = `${prototype.constructor.name}.${method}()`;
        this.#assertPossible(name, wish, provider);
        const { choice, group } = wish;
        const wants = ({ type }: SessionEvent) => choice === '*' || [choice].flat().includes(type);
        return { name, group, wants, handle: (event: SessionEvent) => instance[method]!(event) };
      }),
    );
  }

  #assertPossible(name: string, { choice, group }: Wish, provider: Provider): void {
    const { stream, hearsExpiries } = this.settings;
    const wantsExpiries = [choice].flat().includes('expired');
    if (!provider.isDependencyTreeStatic()) {
      throw wrong(name, 'its class is made anew for each request. Put it into one that is not');
    }
    if (group !== undefined && (typeof group !== 'string' || group === '' || !stream)) {
      throw wrong(name, 'a group needs a name and SessionEventsModule.forRoot({ stream: {} })');
    }
    if (wantsExpiries && group !== undefined) {
      throw wrong(name, '"expired" comes from Redis itself and is not in the stream of a group');
    }
    if (wantsExpiries && !hearsExpiries) {
      throw wrong(name, '"expired" needs SessionEventsModule.forRoot({ expired: true })');
    }
  }
}

function prototypeOf({ instance, metatype }: Provider): object | undefined {
  if (instance && typeof instance === 'object') return Object.getPrototypeOf(instance) as object;
  return typeof metatype === 'function' ? (metatype.prototype as object | undefined) : undefined;
}

function wrong(name: string, why: string): SessionError {
  return new SessionError('SESSION_CONFIG', `@OnSessionEvent() over ${name} cannot work: ${why}.`);
}
