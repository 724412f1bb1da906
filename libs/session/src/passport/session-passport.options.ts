import type { OptionNames } from '../settings/known-options.js';

/** Options of `SessionPassportModule.forRoot()`. */
export interface SessionPassportOptions<Serialised = unknown> {
  /**
   * Whose session it becomes, of what your `serializeUser` gives. A text of 1 to 512 characters, always the same for one
   * user. Default: what is serialised, which must be a text or a number then.
   */
  userId?: (serialised: Serialised) => string;
}

/** Under which the options are provided. */
export const PASSPORT_OPTIONS = Symbol('SessionPassportOptions');

/** The names of all options; any other name is refused at start. */
export const PASSPORT_OPTION_NAMES = {
  userId: 'function',
} as const satisfies OptionNames<SessionPassportOptions>;
