import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs groups of specs with Jest: `node test/run.mjs <group> [options and patterns of Jest]`.
 *
 * A group is a list of the projects in jest.config.mjs. Jest's workers get Node's options from its own process, so it is
 * started with the one that lets them read TypeScript.
 */
const GROUPS = {
  quick: ['unit', 'integration', 'short'],
  slow: ['slow'],
  browser: ['browser'],
  docs: ['docs'],
  all: ['unit', 'integration', 'slow', 'docs', 'browser'],
};

const [group, ...jestArguments] = process.argv.slice(2);
if (!Object.hasOwn(GROUPS, group)) {
  console.error(`Name a group of specs first: ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}
const fileAt = (path) => fileURLToPath(new URL(path, import.meta.url));
const jest = spawn(
  process.execPath,
  [
    '--import',
    new URL('runner/register.mjs', import.meta.url).href,
    fileAt('../node_modules/jest/bin/jest.js'),
    // Behind the arguments: this option takes every word that follows it.
    ...jestArguments,
    '--selectProjects',
    ...GROUPS[group],
  ],
  { stdio: 'inherit', cwd: fileAt('..') },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
jest.on('close', (code) => (process.exitCode = code ?? 1));
