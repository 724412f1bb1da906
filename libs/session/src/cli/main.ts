#!/usr/bin/env node
import { EXIT_CODES } from './exit-code.js';
import { runProgram } from './program.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal(process.stdin, process.stdout, process.stderr);
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // What was begun is brought to its end, also where nobody reads what comes of it.
  if (code === 'EPIPE') return;
  // As on a full disk: results that are cut short must not look whole.
  terminal.say(`The results could not be written: ${code}.`);
  process.exit(EXIT_CODES.failed);
});
process.exitCode = await runProgram(process.argv.slice(2), process.env, terminal);
