import type { Session } from '../core/session.js';
import { asJson } from '../core/json.js';
import { assertSynchronous } from '../core/synchronous.js';
import { SessionError } from '../session.errors.js';
import { looseFields } from './loose-fields.js';
import { deserialise, serialise } from './serialisers.js';
import type { SessionPassportOptions } from './session-passport.options.js';

/** Where Passport keeps it, too: a session that comes from express-session has it there. */
const FIELD = 'passport';

/** One request's session, as Passport sees it. */
export class PassportSession {
  #hasLostUser = false;
  #isEnded = false;

  constructor(
    private readonly session: Session,
    private readonly request: object,
    private readonly options: SessionPassportOptions,
  ) {}

  /** Always under a new token. What the guest had goes along as `mergeGuest` has it. */
  async signIn(user: unknown): Promise<void> {
    if (this.#hasLostUser) throw endedWithUser();
    const serialised = asJson(await serialise(user, this.request));
    const userId = this.#userIdOf(serialised);
    if (userId === undefined && !this.options.userId) throw ofNobody(serialised);
    // If the option gives no user id, this says so.
    this.session.signIn(userId as string);
    const fields = looseFields(this.session);
    // A text is the user id itself, and needs no second place.
    if (serialised === userId) fields.delete(FIELD);
    else fields.set(FIELD, { user: serialised });
  }

  signOut(): void {
    if (this.#isEnded) return;
    this.session.destroy();
    this.#isEnded = true;
  }

  /** @returns the user who is signed in; nobody where there is none any more, which ends the session. */
  async user(): Promise<unknown> {
    const serialised = this.#serialised();
    if (serialised === undefined) return undefined;
    const user = await deserialise(serialised, this.request);
    if (user) return user;
    this.#hasLostUser = true;
    this.signOut();
    return undefined;
  }

  /**
   * What is kept counts only for whom the session is signed in: it may be from before, or what somebody wrote. The user id
   * alone will do where it is what the serialiser gives.
   */
  #serialised(): unknown {
    const { userId } = this.session;
    if (userId === undefined) return undefined;
    const kept = looseFields(this.session).get(FIELD) as { user?: unknown } | null | undefined;
    const serialised = kept?.user;
    if (serialised !== undefined && this.#userIdOf(serialised) === userId) return serialised;
    return this.options.userId ? undefined : userId;
  }

  #userIdOf(serialised: unknown): string | undefined {
    const { userId } = this.options;
    if (userId) {
      const id = userId(serialised);
      assertSynchronous(id, 'SessionPassportModule: the option userId');
      return id;
    }
    const isId = typeof serialised === 'string' || typeof serialised === 'number';
    return isId ? String(serialised) : undefined;
  }
}

function ofNobody(serialised: unknown): SessionError {
  return new SessionError(
    'SESSION_STATE',
    `What serializeUser() gave for a user is neither a text nor a number, but of type ${typeof serialised}, so it does not tell whose session this is. Say it: SessionPassportModule.forRoot({ userId: (serialised) => serialised.id }).`,
  );
}

function endedWithUser(): SessionError {
  return new SessionError(
    'SESSION_GONE',
    'The session was that of a user who is not there any more, and ended with this request. Sign in again.',
  );
}
