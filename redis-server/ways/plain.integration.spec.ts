import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withPath, writeProgram } from '../testing/programs.js';
import { plain } from './plain.js';

const isRoot = process.getuid?.() === 0;
let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'redis-plain-'));
});
afterEach(() => rm(bin, { recursive: true, force: true }));

const prepare = (said: string[] = []) =>
  withPath(bin, () => plain.prepare((line) => said.push(line)));

it('takes the redis-server that is on the PATH', async () => {
  await writeProgram(join(bin, 'redis-server'), '');
  await expect(prepare()).resolves.toMatchObject({ label: `plain: ${bin}/redis-server` });
});

it('says what is missing where nothing can install one', async () => {
  await expect(prepare()).rejects.toThrow(/no redis-server on the PATH.*package manager/);
});

(isRoot ? describe : describe.skip)(`apt-get${isRoot ? '' : ': skipped, takes root'}`, () => {
  it('installs one, and its progress is told', async () => {
    const server = join(bin, 'redis-server');
    await writeProgram(
      join(bin, 'apt-get'),
      `echo "apt-get $1"; [ "$1" = update ] || { echo '#!/bin/sh' > '${server}'; /bin/chmod +x '${server}'; }`,
    );
    const said: string[] = [];
    await expect(prepare(said)).resolves.toMatchObject({ label: `plain: ${server}` });
    expect(said).toEqual([
      'Installing redis-server with apt-get ...',
      'apt-get update',
      'apt-get install',
    ]);
  });

  it('passes on why apt-get failed', async () => {
    await writeProgram(join(bin, 'apt-get'), 'echo "E: Unable to locate package" >&2; exit 100');
    await expect(prepare()).rejects.toThrow(/apt-get failed: E: Unable to locate package/);
  });
});
