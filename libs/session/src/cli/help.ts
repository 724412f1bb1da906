import { COMMON_OPTIONS, type Command, type Option, type Options } from './command.js';
import { EXIT_CODE_MEANINGS } from './exit-code.js';
import { table } from './table.js';

const PROGRAM = 'nestjs-redis-session';

const ADDRESS = [
  'The URL is that of a Redis, or of any server of a Cluster, such as redis://localhost:6379 or rediss://user@host:6380.',
  'It may also stand in REDIS_URL, where a list of processes does not show its password.',
];

/** Of the whole program. */
export function helpOfProgram(commands: readonly Command[]): string {
  return [
    `${PROGRAM} <command> [url] [options]`,
    '',
    ...indented(table(commands.flatMap(rowsOf))),
    '',
    ...ADDRESS,
    '',
    ...indented(
      optionsTable({
        ...COMMON_OPTIONS,
        version: { type: 'boolean', help: 'the version of this program' },
      }),
    ),
    '',
    `${PROGRAM} <command> --help says more of each.`,
    '',
    ...exitCodes(),
  ].join('\n');
}

/** Of one command. */
export function helpOfCommand({ usages, details, options }: Command): string {
  return [
    ...usages.map((usage) => `${PROGRAM} ${usage}`),
    '',
    ...indented(details),
    '',
    ...indented(optionsTable({ ...options, ...COMMON_OPTIONS })),
    '',
    ...exitCodes(),
  ].join('\n');
}

function rowsOf({ usages, summary }: Command): string[][] {
  return usages.map((usage, i) => [usage, i === 0 ? summary : '']);
}

function optionsTable(options: Options): string[] {
  return table(
    Object.entries(options).map(([name, option]) => [nameOf(name, option), option.help]),
  );
}

/** As it is typed: `--user <userId>`. */
export function nameOf(name: string, { value }: Option): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`;
}

function exitCodes(): string[] {
  const codes = Object.entries(EXIT_CODE_MEANINGS);
  return ['Exit codes:', ...indented(codes.map(([code, meaning]) => `${code}  ${meaning}`))];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
