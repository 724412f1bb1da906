import { assertKnownOptions, type OptionNames } from '../settings/known-options.js';
import type { SessionEvent, SessionEventOf, SessionEventType } from './session-event.js';

/** Options of `@OnSessionEvent()`. */
export interface OnSessionEventOptions {
  /**
   * The name of a group. Each event is handled by one instance of the application, at least once, also if it happened while none
   * was running: see {@link SessionEventsOptions.stream}, which this needs. It counts as handled when the method has returned or
   * its promise has resolved. Methods of one group in one application succeed or are called again together.
   *
   * Default: none, and every instance calls the method, at most once.
   */
  readonly group?: string;
}

/** The events that `@OnSessionEvent()` is asked for: a type, several, or `'*'` for all. */
export type SessionEventChoice = SessionEventType | readonly SessionEventType[] | '*';

/** The event that a method gets which was asked for like that. */
export type ChosenSessionEvent<Choice extends SessionEventChoice> = Choice extends '*'
  ? SessionEvent
  : Choice extends readonly (infer Type extends SessionEventType)[]
    ? SessionEventOf<Type>
    : Choice extends SessionEventType
      ? SessionEventOf<Choice>
      : never;

/** What `@OnSessionEvent()` makes: it stands over a method that takes such an event, or nothing. */
export interface SessionEventDecorator<Choice extends SessionEventChoice> {
  /** @typeParam Method the method's type, which the compiler compares with the event. */
  <Method extends (event: ChosenSessionEvent<Choice>) => unknown>(
    target: object,
    name: string | symbol,
    method: TypedPropertyDescriptor<Method>,
  ): void;
}

/** What one decorator says of its method. */
export interface Wish {
  readonly choice: SessionEventChoice;
  readonly group: string | undefined;
}

const HANDLER_OPTIONS = { group: 'value' } as const satisfies OptionNames<OnSessionEventOptions>;

const WISHES = 'nestjs-redis-session:on-session-event';

/**
 * Has a method of a provider or a controller called with each event of a type: `@OnSessionEvent('revoked')`. Several may
 * stand over one method. What the method throws is logged, with its name, and stops nothing else; nobody waits for it.
 *
 * @param choice a type, several, or `'*'` for all.
 * @param options the `group`, where one instance is to handle each event. Default: none, and every instance does.
 * @throws {SessionError} `SESSION_CONFIG` for an option that does not exist.
 */
export function OnSessionEvent<const Choice extends SessionEventChoice>(
  choice: Choice,
  options: OnSessionEventOptions = {},
): SessionEventDecorator<Choice> {
  assertKnownOptions(options, HANDLER_OPTIONS, '@OnSessionEvent()');
  const { group } = options;
  return (target, name) => {
    const others = wishesOf(target.constructor, name);
    Reflect.defineMetadata(WISHES, [...others, { choice, group }], target.constructor, name);
  };
}

/** What the decorators over a method say, or over the one that it inherits. */
export function wishesOf(type: object, name: string | symbol): readonly Wish[] {
  return (Reflect.getMetadata(WISHES, type, name) as Wish[] | undefined) ?? [];
}
