import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { ownWords } from '../redis/own-words.js';
import { SessionError } from '../session.errors.js';
import { ClusterFailure } from './cluster-failure.js';
import type { Command } from './command.js';
import { EXIT_CODES, type ExitCode, UsageError } from './exit-code.js';
import { helpOfCommand, helpOfProgram } from './help.js';
import { readArguments } from './read-arguments.js';
import { COMMANDS } from './registry.js';
import type { Terminal } from './terminal.js';

/** @param args without Node and the program. */
export async function runProgram(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<ExitCode> {
  const [first, ...others] = args;
  if (first === '--version') return printed(terminal, version());
  if (first === '--help' || first === 'help') {
    const named = COMMANDS.find(({ name }) => name === others[0]);
    return printed(terminal, named ? helpOfCommand(named) : helpOfProgram(COMMANDS));
  }
  const command = COMMANDS.find(({ name }) => name === first);
  if (!command) {
    for (const line of helpOfProgram(COMMANDS).split('\n')) terminal.say(line);
    return EXIT_CODES.failed;
  }
  return runCommand(command, others, env, terminal);
}

async function runCommand(
  command: Command,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<ExitCode> {
  const say = (message: unknown) => terminal.say(String(message));
  Logger.overrideLogger({ log: say, warn: say, error: say });
  try {
    const call = readArguments(command, args, env);
    if (!call) return printed(terminal, helpOfCommand(command));
    return await command.run({ ...call, terminal });
  } catch (error) {
    terminal.say(messageOf(error instanceof ClusterFailure ? error.cause : error));
    if (error instanceof ClusterFailure) for (const line of error.sentences) terminal.say(line);
    if (error instanceof UsageError)
      terminal.say(`More: nestjs-redis-session ${command.name} --help`);
    return EXIT_CODES.failed;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof UsageError || error instanceof SessionError) return error.message;
  // Of errors with a code the message names the host, which a wrong URL can make a part of the password.
  const { code, message } = error as NodeJS.ErrnoException;
  return `The Redis could not be looked at: ${code ?? ownWords(message)}.`;
}

function printed(terminal: Terminal, text: string): ExitCode {
  terminal.print(text);
  return EXIT_CODES.done;
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
