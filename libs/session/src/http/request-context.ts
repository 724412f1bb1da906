import type { IncomingMessage } from 'node:http';
import type { Device } from '../core/record.js';
import type { SessionContext } from '../core/session-context.js';
import type { SessionSettings } from '../session.settings.js';

const MAX_AGENT_LENGTH = 256;

/**
 * What a session knows of the request that it belongs to. Everything is looked up when it is asked for: measured, a copy
 * of the settings was a quarter of what a read costs without Redis, and few requests need to know their device.
 */
export class RequestContext implements SessionContext {
  constructor(
    private readonly settings: SessionSettings,
    private readonly request: IncomingMessage,
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

  get device(): Device {
    if (!this.settings.recordDevice) return { address: undefined, agent: undefined };
    // Express and Nest's Fastify adapter put `ip` here, with regard to their trust in proxies.
    const { ip } = this.request as { ip?: string };
    return {
      address: ip ?? this.request.socket.remoteAddress,
      agent: this.request.headers['user-agent']?.slice(0, MAX_AGENT_LENGTH),
    };
  }
}
