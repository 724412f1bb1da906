import type { LocalSessionEvent } from '../core/session-event.js';
import { isSessionId } from '../core/token.js';
import type { SessionEvent } from './session-event.js';

/** What an instance can do to a session. */
export const LOCAL_EVENT_TYPES = [
  'created',
  'signed-in',
  'renewed',
  'changed',
  'signed-out',
  'revoked',
] as const satisfies readonly LocalSessionEvent['type'][];

/** One message for one act, however many sessions it ended. */
export function encodeEvents(instance: string, events: readonly LocalSessionEvent[]): string {
  return JSON.stringify({ instance, events });
}

/** Without those that this version of the library does not know; what is no message of ours holds none. */
export function decodeEvents(text: string): SessionEvent[] {
  const { instance, events } = parse(text);
  if (typeof instance !== 'string' || !Array.isArray(events)) return [];
  return (events as (Partial<LocalSessionEvent> | null)[])
    .filter((event) => isType(event?.type) && isSessionId(String(event?.sessionId)))
    .map((event) => ({ userId: undefined, ...event, instance }) as SessionEvent);
}

function isType(type: unknown): boolean {
  return (LOCAL_EVENT_TYPES as readonly unknown[]).includes(type);
}

function parse(text: string): { instance?: unknown; events?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}
