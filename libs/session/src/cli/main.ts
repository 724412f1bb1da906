#!/usr/bin/env node
import { runProgram } from './program.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal(process.stdin, process.stdout, process.stderr);
process.exitCode = await runProgram(process.argv.slice(2), process.env, terminal);
