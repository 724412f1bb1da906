import type { Modules } from './compile.js';

/** What an application is made with. */
export interface Stack {
  readonly name: string;
  readonly folder: string;
  /** In package.json; CommonJS when left out. */
  readonly type?: 'module';
  /** The ways in which its TypeScript is compiled; the last one is run. */
  readonly modules: readonly Modules[];
  readonly dependencies: Record<string, string>;
}

// The oldest of what the package promises to work with, and the newest.
const NEST = [
  { version: '~11.0.0', title: 'Nest 11.0 (CommonJS)', modules: ['NodeNext', 'CommonJS'] },
  { version: '^12.0.0', title: 'Nest 12 (ESM)', modules: ['NodeNext'], type: 'module' },
] as const;
const IOREDIS = [
  { version: '~5.10.0', title: 'ioredis 5.10' },
  { version: '^6.0.0', title: 'ioredis 6' },
];

export const STACKS: readonly Stack[] = NEST.flatMap(({ version, title, ...nest }) =>
  IOREDIS.map((ioredis) => ({
    ...nest,
    name: `${title}, ${ioredis.title}`,
    folder: `${title} ${ioredis.title}`.replace(/[^\w.]+/g, '-'),
    dependencies: { ...peers(version), ioredis: ioredis.version },
  })),
);

function peers(nest: string): Record<string, string> {
  const ofNest = ['common', 'core', 'platform-express', 'platform-fastify', 'terminus'];
  return {
    ...Object.fromEntries(ofNest.map((name) => [`@nestjs/${name}`, nest])),
    '@types/express': '^5.0.0',
    '@types/node': '^20.19.0',
    'reflect-metadata': '^0.2.0',
    rxjs: '^7.1.0',
  };
}
