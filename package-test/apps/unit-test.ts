import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../redis-server/project.js';
import { command } from '../command.js';
import { npmInstall } from '../npm.js';

const NEEDED = [
  '@nestjs/testing@^11',
  'jest@^30',
  'ts-jest@^29',
  '@types/jest@^30',
  'typescript@^5.7',
];

// As Nest 11 makes them.
const JEST = { transform: { '^.+\\.(t|j)s$': 'ts-jest' }, testRegex: '.*\\.spec\\.ts$' };
const COMPILER = {
  module: 'nodenext',
  isolatedModules: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  target: 'ES2023',
};

const SPEC = `import { Test } from '@nestjs/testing';
import { SessionModule, SessionService } from 'nestjs-redis-session';

it('starts', async () => {
  const imports = [SessionModule.forRoot({ redis: 'redis://localhost:6379' })];
  const app = await Test.createTestingModule({ imports }).compile();
  expect(app.get(SessionService)).toBeDefined();
  await app.close();
});
`;

/** A test in the form that Nest 11 gives a new application, with what the documentation says about Jest. */
export async function runUnitTest(folder: string): Promise<string> {
  await npmInstall(folder, ...NEEDED);
  const config = { ...JEST, ...(await documentedConfig()) };
  await writeFile(join(folder, 'jest.config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER }));
  await writeFile(join(folder, 'starts.spec.ts'), SPEC);
  await command(folder, 'npx', ['--no-install', 'jest']);
  return Object.keys(config).join(', ');
}

async function documentedConfig(): Promise<object> {
  const page = await readFile(join(projectRoot, 'docs/testing-your-app.md'), 'utf8');
  const [, block] = /```json\n([^`]+)```/.exec(page) ?? [];
  if (block === undefined) throw new Error('docs/testing-your-app.md has no block for Jest.');
  return JSON.parse(block) as object;
}
