import type { IncomingMessage } from 'node:http';
import { SessionError } from '../session.errors.js';
import type { PassportSession } from './passport-session.js';

type Done = (error?: unknown) => void;

interface LogInOptions {
  readonly session?: boolean;
}
interface LogOutOptions {
  readonly keepSessionInfo?: boolean;
}

/** What Passport's users find on a request. */
export interface PassportRequest extends IncomingMessage {
  user?: unknown;
  session?: object;
}

/** What Passport adds to a request; two of the names are spelled in two ways. */
export const METHODS = [
  'logIn',
  'login',
  'logOut',
  'logout',
  'isAuthenticated',
  'isUnauthenticated',
] as const;

/**
 * Gives a request the methods that Passport would give it. Passport leaves alone what is there.
 *
 * @param errorFor what a callback is told in place of an error.
 */
export function giveMethods(
  request: PassportRequest,
  session: PassportSession,
  errorFor: (error: unknown) => unknown,
): void {
  const logIn = (user: unknown, ...rest: [LogInOptions, Done?] | [Done]) => {
    const [{ session: isKept = true }, done] = optionsAndDone<LogInOptions>(rest);
    request.user = user;
    if (!isKept) return done?.();
    const tell = needed(done, 'logIn');
    session.signIn(user).then(
      () => tell(),
      (error: unknown) => {
        request.user = null;
        tell(errorFor(error));
      },
    );
  };
  const logOut = (...rest: [LogOutOptions, Done] | [Done]) => {
    const [{ keepSessionInfo }, done] = optionsAndDone<LogOutOptions>(rest);
    const tell = needed(done, 'logOut');
    if (keepSessionInfo) return tell(nothingIsKept());
    request.user = null;
    try {
      session.signOut();
    } catch (error) {
      return tell(errorFor(error));
    }
    tell();
  };
  const methods: Record<(typeof METHODS)[number], unknown> = {
    logIn,
    login: logIn,
    logOut,
    logout: logOut,
    isAuthenticated: () => Boolean(request.user),
    isUnauthenticated: () => !request.user,
  };
  Object.assign(request, methods);
}

function optionsAndDone<Options>(given: readonly unknown[]): [Partial<Options>, Done | undefined] {
  const [options, done] = typeof given[0] === 'function' ? [undefined, given[0]] : given;
  return [options ?? {}, done as Done | undefined];
}

/** @throws {TypeError} as Passport does: who waits for nothing answers before it is done. */
function needed(done: Done | undefined, name: string): Done {
  if (typeof done === 'function') return done;
  throw new TypeError(`req.${name}() needs a callback: its last argument, called when it is done.`);
}

function nothingIsKept(): SessionError {
  return new SessionError(
    'SESSION_STATE',
    'req.logOut() was called with keepSessionInfo, and nobody was signed out: a session ends with all that it holds. Leave the option out, and keep elsewhere what is to outlive a sign-out.',
  );
}
