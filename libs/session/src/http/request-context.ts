import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { deviceOf } from '../core/device-of.js';
import type { Device } from '../core/record.js';
import type { SessionContext } from '../core/session-context.js';
import type { SessionSettings } from '../session.settings.js';
import { routeOf } from './route-of.js';

/**
 * What a session knows of the request that it belongs to. Everything is looked up when it is asked for: measured, a copy
 * of the settings was a quarter of what a read costs without Redis, and few requests need to know their device.
 */
export class RequestContext implements SessionContext {
  constructor(
    private readonly settings: SessionSettings,
    private readonly request: IncomingMessage,
    private readonly handled: { readonly context: ExecutionContext | undefined; now(): number },
    readonly startedAt: number,
    readonly isUnavailable: boolean,
  ) {}

  get lifetime(): SessionContext['lifetime'] {
    return this.settings.lifetime;
  }
  get rememberedLifetime(): SessionContext['rememberedLifetime'] {
    return this.settings.rememberedLifetime;
  }
  get mergeGuest(): SessionContext['mergeGuest'] {
    return this.settings.mergeGuest;
  }
  get touchIntervalMs(): number {
    return this.settings.touchIntervalMs;
  }
  get maxFieldBytes(): number {
    return this.settings.maxFieldBytes;
  }
  get maxSessionBytes(): number {
    return this.settings.maxSessionBytes;
  }

  now(): number {
    return this.handled.now();
  }

  get route(): string {
    return routeOf(this.request, this.handled.context);
  }

  get device(): Device {
    if (!this.settings.recordDevice) return { address: undefined, agent: undefined };
    return deviceOf(this.request);
  }
}
