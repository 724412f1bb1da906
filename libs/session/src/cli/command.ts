import type { ExitCode } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** What may stand behind a command; its help is made of this. */
export interface Option {
  readonly type: 'string' | 'boolean';
  /** What its value is, for the help. */
  readonly value?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

export type Values<O extends Options> = {
  readonly [Name in keyof O]?: { string: string; boolean: boolean }[O[Name]['type']];
};

/** What every command takes. */
export const COMMON_OPTIONS = {
  redis: {
    type: 'string',
    value: 'url',
    help: 'the Redis, if it is not the first argument. Default: REDIS_URL',
  },
  'key-prefix': {
    type: 'string',
    value: 'text',
    help: 'keyPrefix of SessionModule. Default: none',
  },
  json: { type: 'boolean', help: 'for programs' },
  help: { type: 'boolean', help: 'says how it is used' },
} as const satisfies Options;

/** One use of a command. */
export interface Call<O extends Options = Options> {
  readonly values: Values<O>;
  /** What stands on the command line beside options and the URL. */
  readonly operands: readonly string[];
  readonly url: string;
  readonly keyPrefix: string;
  readonly isJson: boolean;
  readonly terminal: Terminal;
}

/** A command, and all that its help and the documentation say of it. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** How it is used, without the name of the program and what every command takes. */
  readonly usages: readonly string[];
  /** What its operands are; left out where it takes none. */
  readonly operand?: string;
  /** One line. */
  readonly summary: string;
  /** Lines of its own help. */
  readonly details: readonly string[];
  readonly options: O;
  run(call: Call<O>): Promise<ExitCode>;
}

/** Has the compiler derive the values of a command from its options. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition as Command;
}
