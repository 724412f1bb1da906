import type { LocalSessionEvent } from '../core/session-event.js';
import { isSessionId } from '../core/token.js';
import type { SessionEvent } from './session-event.js';

const TYPES: readonly unknown[] = [
  'created',
  'signed-in',
  'renewed',
  'changed',
  'signed-out',
  'revoked',
] satisfies LocalSessionEvent['type'][];

/** One message for one act, however many sessions it ended. */
export function encodeEvents(instance: string, events: readonly LocalSessionEvent[]): string {
  return JSON.stringify({ instance, events });
}

/** Without those that this version of the library does not know; what is no message of ours holds none. */
export function decodeEvents(text: string): SessionEvent[] {
  const { instance, events } = parse(text);
  if (typeof instance !== 'string' || !Array.isArray(events)) return [];
  return (events as (Partial<LocalSessionEvent> | null)[])
    .filter((event) => TYPES.includes(event?.type) && isSessionId(String(event?.sessionId)))
    .map((event) => ({ userId: undefined, ...event, instance }) as SessionEvent);
}

function parse(text: string): { instance?: unknown; events?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}
