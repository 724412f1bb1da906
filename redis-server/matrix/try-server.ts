import { join } from 'node:path';
import { projectRoot } from '../project.js';
import { run } from '../run.js';
import type { Say } from '../ways/way.js';
import { environmentFor } from './engine.js';
import type { MatrixServer } from './servers.js';
import { type Ended, logFile, runSuite, suiteEnvironment, type SuiteResult } from './suite.js';

/** What became of one server. */
export interface Trial {
  readonly name: string;
  readonly server?: Description;
  readonly suite?: SuiteResult;
  /** Why the suite was not run. */
  readonly obstacle?: string;
}

interface Description {
  /** As it names itself, e.g. "Valkey 8.1.1". */
  readonly title: string;
  readonly hasSearch: boolean;
}

/** Gets the server and runs the suite against it. */
export async function tryServer(
  wanted: MatrixServer,
  patterns: readonly string[],
  say: Say,
  ended: Ended,
): Promise<Trial> {
  const { name, title } = wanted;
  try {
    const environment = suiteEnvironment(await environmentFor(wanted, say));
    const server = await describe(environment);
    if (!title.test(server.title)) {
      throw new Error(`what was fetched is ${server.title}; look up which suite has it now`);
    }
    say(`${name} is ${server.title}; what its tests print goes to ${logFile(name)}`);
    return { name, server, suite: await runSuite(name, environment, patterns, ended) };
  } catch (error) {
    return { name, obstacle: error instanceof Error ? error.message : String(error) };
  }
}

/** What the server says of itself when the launcher starts it as the suite will. */
async function describe(environment: Record<string, string>): Promise<Description> {
  const lines: string[] = [];
  const program = join(projectRoot, 'dist', 'redis-server', 'prepare.js');
  const options = {
    env: { REDIS_URL: '', ...environment },
    say: (line: string) => lines.push(line),
  };
  await run(process.execPath, [program], options);
  const [, title = 'nothing known', having] =
    /^Redis is ready: (.+) (with|without) Search/.exec(lines.at(-1) ?? '') ?? [];
  return { title, hasSearch: having === 'with' };
}
