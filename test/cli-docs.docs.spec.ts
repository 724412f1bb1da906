import { COMMON_OPTIONS } from '../libs/session/src/cli/command.js';
import { EXIT_CODE_MEANINGS } from '../libs/session/src/cli/exit-code.js';
import { nameOf } from '../libs/session/src/cli/help.js';
import { COMMANDS } from '../libs/session/src/cli/registry.js';
import { readText, rowsByCode, section } from './support/documentation.js';
import { runCli, runCliWith } from './support/run-cli.js';

const PAGE = 'docs/cli.md';
const inOrder = (texts: Iterable<string>) => [...texts].toSorted();

describe('the page about the program', () => {
  it('has each way to use a command, and no other', () => {
    const usages = COMMANDS.flatMap((command) => command.usages);
    const shown = rowsByCode(section(PAGE, '## Commands')).keys();
    expect(inOrder(shown)).toEqual(inOrder(usages));
  });

  it('has each option of each command, and no other', () => {
    const rows = section(PAGE, '## Options')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, option]) => option?.startsWith('`'));
    const shown = rows.map(([, option, who]) => `${who} ${option!.replaceAll('`', '')}`);
    const common = Object.entries(COMMON_OPTIONS).map((entry) => `all ${nameOf(...entry)}`);
    const own = COMMANDS.flatMap(({ name, options }) =>
      Object.entries(options).map((entry) => `${name} ${nameOf(...entry)}`),
    );
    expect(inOrder(shown)).toEqual(inOrder([...common, ...own, 'the program --version']));
  });

  it('has the exit codes, in the words of the help', () => {
    const rows = rowsByCode(section(PAGE, '## Exit codes'));
    const shown = [...rows].map(([code, cells]) => [code, cells.at(-1)]);
    expect(shown).toEqual(Object.entries(EXIT_CODE_MEANINGS));
  });

  it('has an example of each command', () => {
    const examples = section(PAGE, '## Examples');
    const named = new Set(
      [...examples.matchAll(/^\$ npx nestjs-redis-session ([\w-]+)/gm)].map(([, name]) => name),
    );
    // The doctor has its own, in operating.md.
    expect(inOrder([...named, 'doctor'] as string[])).toEqual(
      inOrder(COMMANDS.map(({ name }) => name)),
    );
  });
});

describe('the program', () => {
  it('explains itself, and each command', async () => {
    const { code, out } = await runCli('--help');
    expect(code).toBe(0);
    for (const { name, usages, details } of COMMANDS) {
      for (const usage of usages) expect(out).toContain(usage);
      const help = await runCliWith({}, name, '--help');
      expect(help.code).toBe(0);
      for (const detail of details) expect(help.out).toContain(detail);
      expect(await runCliWith({}, 'help', name)).toEqual(help);
    }
  });

  it('says its version', async () => {
    const { version } = JSON.parse(readText('libs/session/package.json')) as { version: string };
    expect(await runCli('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});
