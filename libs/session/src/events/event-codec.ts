import type { LocalSessionEvent, SessionEventFacts } from '../core/session-event.js';
import { isSessionId, type SessionId } from '../core/token.js';
import { isUserId } from '../core/user-id.js';
import { isFieldName } from '../field-name.js';
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

/** Far more than one act can say: names of fields are a part of a session, and a session has at most 16 MB. */
const LONGEST_MESSAGE = 32 * 1024 * 1024;
const LONGEST_INSTANCE = 512;
/** The last moment that a `Date` can be. */
const LAST_MOMENT = 8.64e15;

type Unchecked = Readonly<Record<string, unknown>>;

/** One message for one act, however many sessions it ended. */
export function encodeEvents(instance: string, events: readonly LocalSessionEvent[]): string {
  return JSON.stringify({ instance, events });
}

/** Tells that a cutoff was written. To a version of this library that has none it is an act in which nothing happened. */
export function encodeCutoffNote(instance: string): string {
  return JSON.stringify({ instance, events: [], cutoffs: true });
}

/** @returns whether a message is {@link encodeCutoffNote} of another instance. Never throws. */
export function isCutoffNoteOfAnother(text: string, instance: string): boolean {
  // Most messages are no note: they are not read twice.
  if (text.length > 2 * LONGEST_INSTANCE || !text.endsWith('"events":[],"cutoffs":true}')) {
    return false;
  }
  return text !== encodeCutoffNote(instance) && decodeEvents(text) !== undefined;
}

/**
 * Reads a message that anyone with the right to `PUBLISH` or `XADD` may have written, so each property is checked. Properties and
 * types of events that this version of the library does not know are left out.
 *
 * @returns `undefined` for what no version of this library writes. Never throws.
 */
export function decodeEvents(text: unknown): SessionEvent[] | undefined {
  try {
    if (typeof text !== 'string' || text.length > LONGEST_MESSAGE) return undefined;
    const { instance, events } = JSON.parse(text) as Unchecked;
    if (!isInstance(instance) || !Array.isArray(events)) return undefined;
    return (events as unknown[]).flatMap((event) => eventOf(event as Unchecked, instance));
  } catch {
    return undefined;
  }
}

/** @throws {TypeError} for an event that is not what its type says. */
function eventOf(event: Unchecked, instance: string): SessionEvent[] {
  const { type } = event;
  if (typeof type !== 'string') throw wrong('type');
  if (!isKnown(type)) return [];
  const facts = { ...factsOf(event), instance };
  switch (type) {
    case 'created':
      return [{ type, ...facts, fields: fieldsOf(event), isAdopted: isAdopted(event) }];
    case 'signed-in':
      return [{ type, ...facts, fields: fieldsOf(event), previousId: previousIdOf(event) }];
    case 'renewed': {
      const previousId = previousIdOf(event);
      if (previousId === undefined) throw wrong('previousId');
      return [{ type, ...facts, fields: fieldsOf(event), previousId }];
    }
    case 'changed':
      return [{ type, ...facts, fields: fieldsOf(event) }];
    case 'signed-out':
      return [{ type, ...facts }];
    case 'revoked':
      return [{ type, ...facts, reason: reasonOf(event) }];
  }
}

function factsOf({ sessionId, userId, at }: Unchecked): SessionEventFacts {
  if (!isId(sessionId)) throw wrong('sessionId');
  if (userId !== undefined && !isUserId(userId)) throw wrong('userId');
  if (!isMoment(at)) throw wrong('at');
  return { sessionId, userId, at };
}

function fieldsOf({ fields }: Unchecked): string[] {
  const isName = (name: unknown): name is string => typeof name === 'string' && isFieldName(name);
  if (Array.isArray(fields) && fields.every(isName)) return fields;
  throw wrong('fields');
}

function previousIdOf({ previousId }: Unchecked): SessionId | undefined {
  if (previousId === undefined || isId(previousId)) return previousId;
  throw wrong('previousId');
}

function isAdopted({ isAdopted: is = false }: Unchecked): boolean {
  if (typeof is === 'boolean') return is;
  throw wrong('isAdopted');
}

function reasonOf({ reason }: Unchecked): 'revoked' | 'evicted' {
  if (reason === 'revoked' || reason === 'evicted') return reason;
  throw wrong('reason');
}

function isKnown(type: string): type is LocalSessionEvent['type'] {
  return (LOCAL_EVENT_TYPES as readonly string[]).includes(type);
}

function isId(id: unknown): id is SessionId {
  return typeof id === 'string' && isSessionId(id);
}

function isMoment(at: unknown): at is number {
  return typeof at === 'number' && at >= 0 && at <= LAST_MOMENT;
}

function isInstance(instance: unknown): instance is string {
  return typeof instance === 'string' && instance !== '' && instance.length <= LONGEST_INSTANCE;
}

function wrong(property: string): TypeError {
  return new TypeError(property);
}
