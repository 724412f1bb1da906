import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { parse } from 'yaml';
import { SessionSettings } from '../libs/session/src/session.settings.js';
import { compileBlocks } from './support/compile-blocks.js';
import {
  anchorsOf,
  blocksOfDocComments,
  blocksOfMarkdown,
  filesBelow,
  linksOf,
  markdownFiles,
  PROJECT,
  readText,
  rowsByCode,
  section,
} from './support/documentation.js';

const LIBRARY = 'libs/session/src';
const files = markdownFiles();
const blocks = [
  ...files.flatMap(blocksOfMarkdown),
  ...filesBelow(LIBRARY, '.ts').flatMap(blocksOfDocComments),
];
const blocksIn = (language: string) => blocks.filter((block) => block.language === language);

describe('The documentation', () => {
  let said: Map<string, string[]>;
  beforeAll(() => {
    said = compileBlocks(blocksIn('ts'));
  });

  it.each(blocksIn('ts'))('has a block at $place that compiles', ({ place }) => {
    expect(said.get(place)).toEqual([]);
  });

  it.each(blocksIn('json'))('has a block at $place that is JSON', ({ code }) => {
    expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  it.each(blocksIn('yaml'))('has a block at $place that is YAML', ({ code }) => {
    expect(parse(code)).toEqual(expect.any(Object));
  });

  it('says of each block what it is, in a way that is checked or plainly shown', () => {
    const shown = ['console', 'text', 'mermaid'];
    // A real nginx and a real Caddy start with these: gateway-proxies.integration.spec.ts.
    const run = ['nginx', 'caddyfile'];
    const known = ['ts', 'json', 'yaml', 'sh', ...run, ...shown];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
  });

  it.each(files)('names only npm commands that exist, in %s', (file) => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: object };
    const ofNpm = ['ci', 'install', 'pack'];
    const code =
      readText(file)
        .match(/```[\s\S]*?```|`[^`]+`/g)
        ?.join('\n') ?? '';
    const named = [...code.matchAll(/\bnpm (?:run (?:--silent )?)?([a-z:-]+)/g)];
    const names = named.map(([, name]) => name!).filter((name) => !ofNpm.includes(name));
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  it.each(blocksIn('sh'))('has a block at $place whose programs are there', ({ code }) => {
    for (const line of code.split('\n')) expect(missingIn(line)).toBeUndefined();
  });

  it.each(files)('has no link that leads nowhere, in %s', (file) => {
    const dead = linksOf(file).filter((link) => {
      const [path, anchor] = link.split('#');
      const target = path ? join(dirname(file), path) : file;
      if (!existsSync(join(PROJECT, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(dead).toEqual([]);
  });
});

describe('The proxies of gateway.md that the tests do not run', () => {
  const file = 'docs/gateway.md';

  it.each([
    ['## Traefik', '      aliasHeadersStrategy: delete\n'],
    ['## Kong', '`nginx_proxy_underscores_in_headers = off`'],
    ['## Envoy', "key_matcher: { safe_regex: { regex: '[^:]*[^a-z0-9:-].*' } }"],
  ])('remove headers that a service takes for ours: %s', (heading, setting) => {
    expect(section(file, heading)).toContain(setting);
  });

  it('remove them in Envoy by a pattern that spares all others', () => {
    const pattern = /^[^:]*[^a-z0-9:-].*$/;
    const aliases = [..."!#$%&'*+.^_`|~"].flatMap((sign) => [
      `x${sign}session-user`,
      `x-session${sign}user`,
    ]);
    for (const name of aliases) expect(name).toMatch(pattern);
    for (const name of [':path', ':authority', 'x-session-user', 'cookie', 'x-b3-traceid']) {
      expect(name).not.toMatch(pattern);
    }
  });
});

describe("The README's tables", () => {
  const options = rowsByCode(section('README.md', '## Options'));

  it('name every option of the module, and no other', () => {
    expect([...options.keys()].toSorted()).toEqual(optionsInSource().toSorted());
  });

  it('give the defaults that are in force', () => {
    const { lifetime, rememberedLifetime, storeTimeoutMs, cookie, recordDevice } =
      new SessionSettings({ redis: 'redis://localhost' });
    const defaults = {
      idleTimeoutSeconds: lifetime.idleSeconds,
      absoluteTimeoutSeconds: lifetime.absoluteSeconds,
      'remember.idleTimeoutSeconds': rememberedLifetime.idleSeconds,
      'remember.absoluteTimeoutSeconds': rememberedLifetime.absoluteSeconds,
      storeTimeoutMs,
      'cookie.sameSite': cookie.sameSite,
      'cookie.path': cookie.path,
      recordDevice,
    };
    const shown = Object.keys(defaults).map((option) => [option, options.get(option)?.[2]]);
    const inForce = Object.entries(defaults).map(([option, value]) => [option, `\`${value}\``]);
    expect(shown).toEqual(inForce);
  });

  it('name every error code, and no other', () => {
    const codes = new Set(readText(`${LIBRARY}/session.errors.ts`).match(/(?<=\| ')SESSION_\w+/g));
    const errors = rowsByCode(section('README.md', '## Errors'));
    expect([...errors.keys()].toSorted()).toEqual([...codes].toSorted());
  });
});

describe('The tables of how-it-works.md', () => {
  const file = 'docs/how-it-works.md';

  it('name every kind of key, and no other', () => {
    const spelled = readText(`${LIBRARY}/redis/keys.ts`).match(/(?<=prefix\})session[\w-]*/g);
    const shown = [...rowsByCode(section(file, '## Keys')).keys()].map((key) => key.split(':')[0]);
    expect([...new Set(shown)].toSorted()).toEqual([...new Set(spelled)].toSorted());
  });

  it('name every field of our own, and no other', () => {
    const source = filesBelow(`${LIBRARY}/redis`, '.ts').map(readText).join('\n');
    const fields = source.match(/(?<=')~[a-z]+(?=')/g) ?? [];
    const shown = rowsByCode(section(file, '## Fields')).keys();
    expect(ownFields(shown)).toEqual(ownFields(fields));
  });
});

/** The program of a line of shell that is not there, or the file that Node is to run. */
function missingIn(line: string): string | undefined {
  const words = line.split(' ').filter((word) => !/^([A-Z_]+=|-)/.test(word));
  const [program = '', file = ''] = words;
  // What curl is to do is done by first-session.docs.spec.ts.
  if (!['npm', 'node', 'curl'].includes(program)) return program;
  return program !== 'node' || existsSync(join(PROJECT, file)) ? undefined : file;
}

function ownFields(names: Iterable<string>): string[] {
  return [...new Set(names)].filter((name) => name.startsWith('~')).toSorted();
}

/** The properties of `SessionOptions`, those of groups with the name of the group before them. */
function optionsInSource(): string[] {
  const statements = ['session.options.ts', 'session-cookie.options.ts'].flatMap((file) => {
    const text = readText(`${LIBRARY}/${file}`);
    return [...ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true).statements];
  });
  const interfaces = new Map(
    statements.filter(ts.isInterfaceDeclaration).map((found) => [found.name.text, found]),
  );
  const namesOf = (name: string): string[] => {
    const found = interfaces.get(name);
    if (!found) return [];
    const parents = found.heritageClauses?.flatMap(({ types }) => types) ?? [];
    const own = found.members.filter(ts.isPropertySignature).flatMap((member) => {
      const inside = namesOf(member.type?.getText() ?? '');
      const option = member.name.getText();
      return inside.length > 0 ? inside.map((inner) => `${option}.${inner}`) : [option];
    });
    return [...parents.flatMap((parent) => namesOf(parent.expression.getText())), ...own];
  };
  return namesOf('SessionOptions');
}
