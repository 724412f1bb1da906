import { register } from 'node:module';

// Node runs the specs itself, so that a process loads Nest, ioredis and the library once and not once per file.
register('./typescript-hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
