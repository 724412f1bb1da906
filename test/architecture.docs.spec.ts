import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const SOURCE = 'libs/session/src';

/** Who may import whom, from the roof to the ground. A room sees the rooms that are named with it, and itself. */
const ROOMS: Record<string, readonly string[]> = {
  index: ['module', 'service', 'http', 'search', 'core', 'ground'],
  module: ['service', 'http', 'search', 'redis', 'doctor', 'core', 'ground'],
  gateway: ['http', 'core', 'ground'],
  graphql: ['sockets', 'events', 'http', 'core', 'ground'],
  passport: ['http', 'core', 'ground'],
  // No Nest and no client: whoever patches those when they load may import it first.
  telemetry: ['core'],
  terminus: ['service', 'core', 'ground'],
  'express-session': ['service', 'redis', 'core', 'ground'],
  websockets: ['sockets', 'http', 'core', 'ground'],
  sockets: ['events', 'http', 'core', 'ground'],
  events: ['redis', 'core', 'ground'],
  testing: ['core', 'ground'],
  cli: ['events', 'search', 'service', 'redis', 'doctor', 'core', 'ground'],
  doctor: ['redis', 'core', 'ground'],
  search: ['service', 'core', 'ground'],
  service: ['core', 'ground'],
  http: ['core', 'ground'],
  redis: ['core', 'ground'],
  core: ['ground'],
  ground: [],
};

const FILES: Record<string, string> = {
  'index.ts': 'index',
  'session.module.ts': 'module',
  'session.service.ts': 'service',
  'session-info.ts': 'service',
  'session-records.ts': 'service',
  'device-name.ts': 'service',
  'session.errors.ts': 'ground',
  'session-cookie.options.ts': 'ground',
  'session.options.ts': 'ground',
  'session.settings.ts': 'ground',
  'redis-client.ts': 'ground',
  'session-data.ts': 'ground',
  'session-source.ts': 'ground',
  'field-name.ts': 'ground',
  'early-waitaof.ts': 'ground',
  'index-declaration.ts': 'ground',
  'settings/configurable-module.ts': 'ground',
  'inspect.ts': 'ground',
  'settings/cookie-settings.ts': 'ground',
  'settings/known-options.ts': 'ground',
  'settings/suggest-option.ts': 'ground',
  'settings/index-settings.ts': 'ground',
  'settings/lifetime-settings.ts': 'ground',
  'settings/redis-url.ts': 'ground',
  'settings/wrong-option.ts': 'ground',
};

/** What each room may take from outside; types may come from anywhere that is a peer. */
const PACKAGES: Record<string, RegExp> = {
  cli: /^(ioredis|@nestjs\/common|node:(fs|readline\/promises|util))$/,
  core: /^node:(crypto|diagnostics_channel|timers\/promises)$/,
  ground: /^(ioredis|@nestjs\/common)$/,
  redis: /^(ioredis|@nestjs\/common|node:(crypto|timers\/promises))$/,
  http: /^(@nestjs\/(common|core)|node:(http|tls))$/,
  search: /^(@nestjs\/common|node:timers\/promises)$/,
  service: /^(@nestjs\/common|bowser)$/,
  gateway: /^(@nestjs\/common|node:http)$/,
  'express-session': /^(@nestjs\/common|node:(crypto|events|module|timers\/promises))$/,
  graphql: /^(@nestjs\/(common|core|graphql)|rxjs|node:http)$/,
  passport: /^(@nestjs\/(common|core)|node:http|passport)$/,
  events: /^(@nestjs\/(common|core)|rxjs|node:(crypto|os|timers\/promises))$/,
  telemetry: /^(@opentelemetry\/api|node:(async_hooks|diagnostics_channel))$/,
  websockets:
    /^(@nestjs\/(common|core|websockets|websockets\/constants\.js)|rxjs|node:(async_hooks|http))$/,
  sockets: /^(@nestjs\/common|rxjs|node:(http|timers\/promises))$/,
  terminus: /^@nestjs\/(common|terminus)$/,
  module: /^@nestjs\/(common|core)$/,
  testing: /^(@nestjs\/common|node:assert\/strict)$/,
};

const files = (readdirSync(SOURCE, { recursive: true }) as string[]).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);
const roomOf = (file: string) => FILES[file] ?? file.split('/')[0]!;
const importsOf = (file: string) =>
  [
    ...readFileSync(join(SOURCE, file), 'utf8').matchAll(
      /^(?:import|export)[^'";]*?from '([^']+)'/gm,
    ),
  ].map(([, target]) => target!);

describe('the rooms of the library', () => {
  it('have a place for every file', () => {
    expect(files.filter((file) => !(roomOf(file) in ROOMS))).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  it('import downwards only', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .map((target) => normalize(join(dirname(file), target)).replace(/\.js$/, '.ts'))
        .filter((target) => {
          const [from, to] = [roomOf(file), roomOf(target)];
          return from !== to && !ROOMS[from]?.includes(to);
        })
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('take from other packages only what is theirs to know', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => !target.startsWith('.') && !PACKAGES[roomOf(file)]?.test(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are made of files of one idea each: at most 200 lines of code, words apart', () => {
    const isCode = (line: string) => !/^\s*(?:\/\/|\/?\*|import\b|$)/.test(line);
    const long = files
      .map((file) => ({
        file,
        lines: readFileSync(join(SOURCE, file), 'utf8').split('\n').filter(isCode).length,
      }))
      .filter(({ lines }) => lines > 200);
    expect(long).toEqual([]);
  });
});
