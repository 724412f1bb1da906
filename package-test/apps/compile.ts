import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../redis-server/project.js';
import { node } from '../command.js';

/** How an application's TypeScript finds packages and what it becomes. */
export const MODULES = {
  /** As Nest makes new applications; ESM or CommonJS, as package.json says. */
  NodeNext: { module: 'NodeNext' },
  /** As they were made before: it reads `main` and `typesVersions`, and knows nothing of `exports`. */
  CommonJS: { module: 'CommonJS', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
};

export type Modules = keyof typeof MODULES;

/** Compiles the app in this folder, into its `dist`; the declarations of all packages are checked as well. */
export async function compile(folder: string, modules: Modules): Promise<void> {
  const compilerOptions = {
    ...MODULES[modules],
    target: 'ES2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    esModuleInterop: true,
    types: ['node'],
    rootDir: '.',
    outDir: 'dist',
  };
  const config = { compilerOptions, include: ['app.*'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config, undefined, 2));
  await node(folder, join(projectRoot, 'node_modules/typescript/bin/tsc'), '-p', folder);
}
