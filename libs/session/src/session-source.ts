import type { SessionData } from './session-data.js';
import type { CookieSettings } from './settings/cookie-settings.js';

/** What a source may look at of a request. */
export interface SourceRequest {
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>> & {
    /** All cookies in one text, as the browser sends them. */
    readonly cookie?: string | undefined;
  };
}

/** A session that something else has kept for a visitor until now. */
export interface FormerSession {
  /**
   * The same for each request of this session, and to be computed by nobody who has not both its cookie and what your
   * servers keep secret; 128 bits at least. A user's new token is made of it, so that requests which come at once, or again
   * because an answer was lost, get one session and not one each. A guest's session is copied under a random token.
   */
  readonly secret: string;

  /** Whom it was signed in for; left out for a guest. */
  readonly userId?: string | undefined;

  /** What the new session begins with. What it cannot hold is left out, with a warning. */
  readonly fields: Partial<SessionData>;

  /** Whether the new session gets the lifetimes of the option `remember`. Default `false`. */
  readonly isRemembered?: boolean | undefined;

  /**
   * When the user last proved who they are, in epoch milliseconds; rather too early than too late. Default: as long ago
   * as can be, so that every sign-out everywhere that is still remembered refuses the session.
   */
  readonly authenticatedAt?: number | undefined;
}

/** Where visitors have sessions from before this library was used. */
export interface SessionSource {
  /** The cookie that names such a session. It is cleared when the session goes over to this library, or ends. */
  readonly cookie: CookieSettings;

  /**
   * The session that a request names; `undefined` where it names none that is alive.
   *
   * @throws {SessionError} `SESSION_STORE` when that is not to be known just now.
   */
  find(request: SourceRequest): Promise<FormerSession | undefined>;

  /**
   * Ends it after so many seconds, or sooner if it was to end sooner.
   *
   * @returns whether the request names a session at all, alive or not.
   */
  end(request: SourceRequest, afterSeconds: number): Promise<boolean>;

  /** Called when the application shuts down. */
  close?(): Promise<void>;
}
