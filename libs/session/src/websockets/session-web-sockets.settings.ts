import { wrong } from '../settings/wrong-option.js';
import type { SessionWebSocketsOptions } from './session-web-sockets.options.js';

const MODULE = 'SessionWebSocketsModule';

/** The options with every default filled in, checked once at start. Type and injection token. */
export class SessionWebSocketsSettings {
  /** `undefined` stands for the origin of the site itself. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  readonly signedInOnly: boolean;

  /** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
  constructor(options: SessionWebSocketsOptions = {}) {
    const { allowedOrigins, signedInOnly = false } = options;
    if (typeof signedInOnly !== 'boolean') {
      throw wrong('signedInOnly', signedInOnly, 'true or false', MODULE);
    }
    this.signedInOnly = signedInOnly;
    this.allowedOrigins = allowedOrigins && originsOf(allowedOrigins);
  }
}

function originsOf(origins: readonly string[]): ReadonlySet<string> {
  const strange = Array.isArray(origins) ? origins.find((origin) => !isOrigin(origin)) : origins;
  if (strange === undefined) return new Set(origins);
  throw wrong(
    'allowedOrigins',
    strange,
    'a list of origins as browsers send them, such as "https://shop.example": scheme, host and port, and nothing behind',
    MODULE,
  );
}

/** Anything else would never be equal to what a browser sends. */
function isOrigin(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  // Of a scheme that is not the web's, such as that of an extension, a URL has no origin.
  return text === (origin === 'null' ? `${protocol}//${host}` : origin);
}
