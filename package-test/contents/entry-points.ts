import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '../apps/compile.js';
import { node } from '../command.js';
import { npmInstall } from '../npm.js';
import type { Report } from '../report.js';

/** Entry points that are for applications which have another package as well. */
const NEEDS: Record<string, string> = {
  './graphql': '@nestjs/graphql',
  './passport': 'passport',
  './telemetry': '@opentelemetry/api',
  './terminus': '@nestjs/terminus',
  './websockets': '@nestjs/websockets',
};

const WAYS = [
  { verb: 'import', text: (entry: string) => `await import('${entry}')`, type: 'module' },
  { verb: 'require', text: (entry: string) => `require('${entry}')`, type: 'commonjs' },
] as const;

/** Each one loads where only the required peers are; what needs more says what it misses. */
export async function checkEntryPoints(report: Report, bare: string, name: string): Promise<void> {
  const manifest = await readFile(join(bare, 'node_modules', name, 'package.json'), 'utf8');
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
  const entries = Object.keys(exports);
  for (const entry of entries) {
    const specifier = join(name, entry);
    await report.check(`${specifier}, required peers only`, () =>
      load(bare, specifier, NEEDS[entry]),
    );
  }
  await report.check('their types, required peers only', async () => {
    const free = entries.filter((entry) => !(entry in NEEDS));
    await compileImports(
      bare,
      free.map((entry) => join(name, entry)),
    );
    return `${free.length} compile, skipLibCheck off`;
  });
}

async function load(bare: string, specifier: string, missing: string | undefined): Promise<string> {
  for (const { verb, text, type } of WAYS) {
    const code = `${text(specifier)}; console.log('loaded')`;
    const loading = node(bare, `--input-type=${type}`, '--eval', code);
    if (missing === undefined) await loading;
    else await expectToMiss(missing, loading, `${verb} of ${specifier}`);
  }
  const verbs = WAYS.map(({ verb }) => verb).join(' and ');
  return missing === undefined ? verbs : `says that ${missing} is not there`;
}

async function expectToMiss(missing: string, loading: Promise<string>, what: string) {
  const said = await loading.catch((error: Error) => error.message);
  const isNamed = said.includes(`'${missing}'`) && said.includes('MODULE_NOT_FOUND');
  if (!isNamed) throw new Error(`${what} without ${missing} says: ${said}`);
}

async function compileImports(bare: string, specifiers: readonly string[]): Promise<void> {
  // As every application in TypeScript has it.
  await npmInstall(bare, '@types/node@20');
  const lines = specifiers.map((specifier, i) => `export * as entry${i} from '${specifier}';\n`);
  await writeFile(join(bare, 'app.mts'), lines.join(''));
  await compile(bare, 'NodeNext');
}
