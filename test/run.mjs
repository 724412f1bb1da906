import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/**
 * Runs groups of specs with Jest: `node test/run.mjs <group> [options and patterns of Jest]`.
 *
 * Projects of jest.config.mjs run together if they may share the machine. Short specs wait for servers and timers half of
 * the time. A fault under load needs a core, and the pages of a browser need the machine for themselves.
 */
const cores = availableParallelism();
const QUICK = { projects: ['unit', 'integration', 'short'], workers: 2 * cores + 1 };
const SLOW = { projects: ['slow'], workers: cores };
const BROWSER = { projects: ['browser'], workers: 1 };
const DOCS = { projects: ['docs'], workers: cores };
const GROUPS = {
  quick: [QUICK],
  slow: [SLOW],
  browser: [BROWSER],
  docs: [DOCS],
  all: [{ ...QUICK, projects: ['unit', 'integration', 'docs'] }, SLOW, BROWSER],
};

const [group, ...jestArguments] = process.argv.slice(2);
if (!Object.hasOwn(GROUPS, group)) {
  console.error(`Name a group of specs first: ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}
for (const run of GROUPS[group]) {
  const code = await runJest(run);
  if (code !== 0) process.exitCode = code;
}

/** Jest's workers get Node's options from its own process, so it is started with the one that lets them read TypeScript. */
async function runJest({ projects, workers }) {
  const fileAt = (path) => fileURLToPath(new URL(path, import.meta.url));
  const hasWorkers = jestArguments.some((argument) =>
    /^(-i$|-w|--runInBand|--maxWorkers)/.test(argument),
  );
  const jest = spawn(
    process.execPath,
    [
      '--import',
      new URL('runner/register.mjs', import.meta.url).href,
      fileAt('../node_modules/jest/bin/jest.js'),
      ...(hasWorkers ? [] : [`--maxWorkers=${workers}`]),
      // A pattern need not match in each of several runs.
      ...(GROUPS[group].length > 1 ? ['--passWithNoTests'] : []),
      ...jestArguments,
      // The last one: this option takes every word that follows it.
      '--selectProjects',
      ...projects,
    ],
    { stdio: 'inherit', cwd: fileAt('..') },
  );
  const stop = (signal) => jest.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
  const [code] = await once(jest, 'close');
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
  return code ?? 1;
}
