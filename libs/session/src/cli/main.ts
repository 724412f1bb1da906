#!/usr/bin/env node
import { doctor } from './doctor.js';

const USAGE = `nestjs-redis-session doctor <url> [--key-prefix=text] [--json]

  Looks at the Redis behind the URL, such as redis://localhost:6379, and says what is wrong with it as a home of
  sessions. Changes nothing. Exit code: 0 nothing is wrong, 1 there is a problem, 2 it could not be looked at.
`;

const [command, ...args] = process.argv.slice(2);
if (command === 'doctor') process.exitCode = await doctor(args, process.stdout, process.stderr);
else {
  const isHelp = command === '--help' || command === 'help';
  (isHelp ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = isHelp ? 0 : 2;
}
