import { SessionError } from '../session.errors.js';
import { assertKnownOptions } from '../settings/known-options.js';
import { wrong } from '../settings/wrong-option.js';
import { SOCKET_OPTIONS, type SocketOptions } from './socket-options.js';

/** The options with every default filled in, checked once at start. Type and injection token. */
export class SocketSettings {
  /** `undefined` stands for the origin of the site itself. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  readonly signedInOnly: boolean;

  /**
   * @param module whose options these are, for the messages that name it.
   * @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be.
   */
  constructor(
    options: SocketOptions | undefined,
    readonly module: string,
  ) {
    assertKnownOptions(options ?? {}, SOCKET_OPTIONS, module);
    const { allowedOrigins, signedInOnly = false } = options ?? {};
    this.signedInOnly = signedInOnly;
    this.allowedOrigins = allowedOrigins && originsOf(allowedOrigins, module);
  }

  /** What the application did without, and may not. */
  withoutEvents(): SessionError {
    return new SessionError(
      'SESSION_CONFIG',
      `${this.module} has to hear when sessions end, or their sockets would stay open: import SessionEventsModule.forRoot({}) of nestjs-redis-session/events in your root module, too.`,
    );
  }
}

function originsOf(origins: readonly string[], module: string): ReadonlySet<string> {
  const strange = Array.isArray(origins) ? origins.find((origin) => !isOrigin(origin)) : origins;
  if (strange === undefined) return new Set(origins);
  throw wrong(
    'allowedOrigins',
    strange,
    'a list of origins as browsers send them, such as "https://shop.example": scheme, host and port, and nothing behind',
    module,
  );
}

/** Anything else would never be equal to what a browser sends. */
function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  // Of a scheme that is not the web's, such as that of an extension, a URL has no origin.
  return text === (origin === 'null' ? `${protocol}//${host}` : origin);
}
