import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const PROJECT = new URL('../../', import.meta.url).href;
const LIBRARY = `${PROJECT}libs/session/`;

/**
 * Finds TypeScript files behind imports that end with `.js`. Specs that import a file of the library get the built one, so
 * that there is one copy of each module, whether it is reached by its path or through the name of the package.
 */
export async function resolve(specifier, context, next) {
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && isOurs(context.parentURL)) {
    const { href } = new URL(specifier, context.parentURL);
    if (href.startsWith(`${LIBRARY}src/`) && !href.endsWith('.spec.js')) {
      return next(href.replace('/src/', '/dist/'), context);
    }
    const typescript = href.replace(/\.js$/, '.ts');
    if (existsSync(fileURLToPath(typescript))) return next(typescript, context);
  }
  return next(specifier, context);
}

/** Compiles TypeScript as `tsc` does with the settings of the project, types aside. */
export async function load(url, context, next) {
  const { pathname } = new URL(url);
  if (!isOurs(url) || !pathname.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}

function isOurs(url) {
  return url?.startsWith(PROJECT) && !url.includes('/node_modules/');
}
