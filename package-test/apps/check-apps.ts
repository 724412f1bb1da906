import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { print } from '../../bench/support/program.js';
import { launchRedis, type RedisServer } from '../../redis-server/launch.js';
import { projectRoot } from '../../redis-server/project.js';
import { command } from '../command.js';
import { installFresh, type Packed } from '../npm.js';
import type { Report } from '../report.js';
import { withApp } from './app-process.js';
import { compile } from './compile.js';
import { type Stack, STACKS } from './stacks.js';
import { runUnitTest } from './unit-test.js';
import { visit } from './visit.js';

const template = join(projectRoot, 'package-test', 'app', 'app.ts');

/** Applications that are new, each with another of the things that the package promises to work with. */
export async function checkApps(report: Report, packed: Packed, scratch: string): Promise<void> {
  const redis = await launchRedis({ say: print });
  try {
    for (const stack of STACKS) await checkApp(report, stack, packed, scratch, redis);
    const { name, folder } = STACKS.find(({ type }) => type !== 'module')!;
    await report.check(`${name}: a unit test`, () => runUnitTest(join(scratch, folder)));
  } finally {
    await redis.stop();
  }
}

async function checkApp(
  report: Report,
  stack: Stack,
  packed: Packed,
  scratch: string,
  redis: RedisServer,
): Promise<void> {
  const folder = join(scratch, stack.folder);
  const check = (what: string, work: () => Promise<string>) =>
    report.check(`${stack.name}: ${what}`, work);
  if (!(await check('compiled', () => makeApp(folder, stack, packed)))) return;
  for (const platform of ['express', 'fastify']) {
    await check(platform, () => withApp(folder, [platform, redis.url], visit));
  }
  await check('doctor', () => checkDoctor(folder, packed.name, redis));
}

async function makeApp(
  folder: string,
  { type, modules, dependencies }: Stack,
  { name, file }: Packed,
): Promise<string> {
  const all = { ...dependencies, [name]: file };
  await installFresh(folder, { ...(type && { type }), dependencies: all });
  await copyFile(template, join(folder, 'app.ts'));
  for (const each of modules) await compile(folder, each);
  const versions = ['@nestjs/core', 'ioredis'].map((each) => versionOf(folder, each));
  return [...(await Promise.all(versions)), modules.join(' and ')].join(', ');
}

async function checkDoctor(folder: string, name: string, { url }: RedisServer): Promise<string> {
  const findings = await command(folder, 'npx', ['--no-install', name, 'doctor', url, '--json']);
  return `${(JSON.parse(findings) as unknown[]).length} findings`;
}

async function versionOf(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return `${name} ${version}`;
}
