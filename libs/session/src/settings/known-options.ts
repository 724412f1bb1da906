import { SessionError } from '../session.errors.js';
import { suggestionFor } from './suggest-option.js';

/**
 * The names of all options of a type, with what each of them takes. A switch must be declared as `boolean`, a callback as
 * `function`; both are checked here. `value` is checked where the option is read. An object that holds options is declared
 * by its own names.
 *
 * `satisfies OptionNames<SomeOptions>` makes the compiler refuse a description that lacks an option or invents one.
 */
export type OptionNames<Options> = {
  readonly [Name in keyof Options]-?: Taken<Exclude<Options[Name], undefined>>;
};

type Taken<Value> = [Value] extends [boolean]
  ? 'boolean'
  : [Value] extends [(...args: never[]) => unknown]
    ? 'function'
    : 'value' | (Value extends object ? OptionNames<Value> : never);

/** Names of options as the checks here read them. */
export interface Names {
  readonly [name: string]: 'value' | 'boolean' | 'function' | Names;
}

/**
 * The type of what a factory gives, with an error at each option that does not exist. The compiler does not look for such
 * options in the result of a function by itself.
 */
export type OnlyKnown<Given, Known> = {
  [Name in keyof Given]: Name extends keyof Known
    ? Known[Name] extends object
      ? Given[Name] extends object | undefined
        ? OnlyKnown<Given[Name], Known[Name]>
        : Given[Name]
      : Given[Name]
    : `Unknown option "${Name & string}"`;
};

/**
 * Checks an object of options by the names in it, nested objects included.
 *
 * @param owner what has these options, as messages name it.
 * @param place the option whose value it is, for nested ones.
 * @throws {SessionError} `SESSION_CONFIG` for a value that is no such object, or that has an unknown option. The message
 *   never shows a value: one may be a secret.
 */
export function assertKnownOptions(
  options: unknown,
  names: Names,
  owner: string,
  place?: string,
): void {
  const problems = problemsOf(options, names, { names, owner, place: place ? `${place}.` : '' });
  if (problems.length > 0) throw new SessionError('SESSION_CONFIG', problems.join('\n'));
}

/**
 * Checks the options of a call. With a mistyped name it would do more than it was asked for, such as end the session that was to
 * be spared.
 *
 * @param call as messages name it: `revokeAllOfUser()`.
 * @throws {SessionError} `SESSION_STATE` for a value that is no such object, or that has an unknown option.
 */
export function assertCallOptions(options: unknown, names: Names, call: string): void {
  const position = { names, owner: call, place: '' };
  // The session itself, say, which has no properties of its own.
  const problems = isOtherThing(options)
    ? [noOptions(options, position)]
    : problemsOf(options, names, position);
  if (problems.length > 0) throw new SessionError('SESSION_STATE', problems.join('\n'));
}

interface Position {
  /** All names of the owner; in a message about a value, those that it may have. */
  readonly names: Names;
  readonly owner: string;
  /** What is in front of a name: empty, or `cookie.` */
  readonly place: string;
}

function problemsOf(options: unknown, names: Names, position: Position): string[] {
  const { owner, place } = position;
  if (!isOptionsObject(options)) return [noOptions(options, { ...position, names })];
  return Object.entries(options).flatMap(([name, value]) => {
    const taken = Object.hasOwn(names, name) ? names[name] : undefined;
    if (!taken) {
      const advice = suggestionFor(place + name, position.names, names, place);
      return [`Unknown option "${place}${name}" for ${owner}. ${advice}`];
    }
    if (value === undefined || taken === 'value') return [];
    if (typeof taken === 'object') {
      return problemsOf(value, taken, { ...position, place: `${place}${name}.` });
    }
    if (typeof value === taken) return [];
    const must = taken === 'boolean' ? 'true or false' : 'a function, or left out';
    return [`${owner}: ${place}${name} is ${nameOf(value)}. It must be ${must}.`];
  });
}

function noOptions(value: unknown, { names, owner, place }: Position): string {
  const subject = place === '' ? 'the options are' : `${place.slice(0, -1)} is`;
  return `${owner}: ${subject} ${nameOf(value)}. It must be an object with some of these options: ${Object.keys(names).join(', ')}.`;
}

/** An instance of a class without properties holds none of the options. */
function isOtherThing(value: unknown): boolean {
  if (!isOptionsObject(value) || Object.keys(value).length > 0) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // By its name: Jest gives each file an Object of its own.
  return prototype !== null && prototype.constructor.name !== 'Object';
}

/** Instances of an application's own class are fine; arrays, promises, maps and dates are not. */
function isOptionsObject(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function nameOf(value: unknown): string {
  if (value === undefined || value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise (await it, or use forRootAsync)';
  return typeof value === 'object'
    ? `a ${value.constructor?.name ?? 'object'}`
    : `a ${typeof value}`;
}
