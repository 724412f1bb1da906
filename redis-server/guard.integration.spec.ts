import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';

it('ends the server, even a frozen one, when its launcher is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'redis-guard-'));
  const guard = fileURLToPath(new URL('./guard.ts', import.meta.url));
  // A launcher of its own, since this one has to live on; Node 20 does not read TypeScript.
  const { code } = await transformFile(guard, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  const launcherFile = join(folder, 'launcher.mjs');
  await writeFile(
    launcherFile,
    `${code}
     const server = spawn('/bin/sh', ['-c', 'while :; do sleep 1; done'], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] });
     server.kill('SIGSTOP');
     guardServer(server.pid);
     console.log('launched');
     setInterval(() => {}, 1000);`,
  );
  const launcher = spawn(process.execPath, [launcherFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = createInterface(launcher.stdout);
  await once(output, 'line');
  // The server holds the other end of this pipe as well: it closes when the last of the two is gone.
  const bothGone = once(output, 'close');
  launcher.kill('SIGKILL');
  await expect(bothGone).resolves.toEqual([]);
  await rm(folder, { recursive: true });
});
