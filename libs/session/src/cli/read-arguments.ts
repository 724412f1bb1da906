import { parseArgs } from 'node:util';
import { isSessionId } from '../core/token.js';
import { type Call, type Command, COMMON_OPTIONS, type Values } from './command.js';
import { UsageError } from './exit-code.js';
import { isAddress, readUrl } from './read-url.js';

/** @returns `undefined` where help is asked for. @throws {UsageError} when they make no sense. */
export function readArguments(
  { name, operand, options }: Command,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Omit<Call, 'terminal'> | undefined {
  // One id in 64 begins like an option.
  const ids = args.filter((arg) => arg.startsWith('-') && isSessionId(arg));
  const others = args.filter((arg) => !ids.includes(arg));
  const { values, positionals } = parse(others, options);
  if (values.help) return undefined;
  const operands = [...positionals, ...ids];
  const isUrlFirst = operands[0] !== undefined && (!operand || isAddress(operands[0]));
  const first = isUrlFirst ? operands.shift() : undefined;
  if (!operand && operands.length > 0) throw new UsageError(`${name} takes no further arguments.`);
  if (first && values.redis) throw new UsageError('Two URLs were given. Give one.');
  return {
    values,
    operands,
    url: readUrl(first ?? values.redis, env),
    keyPrefix: values['key-prefix'] ?? '',
    isJson: values.json ?? false,
  };
}

function parse(args: string[], options: Command['options']) {
  try {
    const all = { ...options, ...COMMON_OPTIONS };
    const { values, positionals } = parseArgs({ args, options: all, allowPositionals: true });
    return { values: values as Values<typeof all>, positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
