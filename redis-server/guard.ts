import { spawn } from 'node:child_process';

/**
 * Ends a server when this process is gone, however it went: even after kill -9 the pipe closes, and the shell that
 * reads from it wakes up. An `exit` handler would not run then, nor inside a test runner's sandbox.
 * @returns dismisses the guard, once the server has ended
 */
export function guardServer(pid: number): () => void {
  // SIGCONT because a frozen process does not hear SIGTERM.
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$0"; kill -CONT "$0"', `${pid}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => {});
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return () => shell.kill('SIGKILL');
}
