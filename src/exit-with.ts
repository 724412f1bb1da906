import { SessionError } from 'nestjs-redis-session';
import { SettingsError } from './settings.js';

/** A mistake in the settings needs its sentence; only a surprise needs a stack trace. */
export function exitWith(error: unknown): never {
  if (error instanceof SettingsError || error instanceof SessionError) exitWithMessage(error);
  if (isPortTaken(error)) exitWithMessage(`${error.message}. Choose another one with PORT.`);
  console.error(error);
  process.exit(1);
}

export function exitWithMessage(problem: unknown): never {
  console.error(problem instanceof Error ? problem.message : problem);
  process.exit(1);
}

function isPortTaken(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
