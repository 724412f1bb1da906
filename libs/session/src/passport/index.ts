/**
 * Passport's login sessions, kept by this package in place of express-session. `passport` is an optional peer, so this is an
 * entry point of its own.
 *
 * @module nestjs-redis-session/passport
 */

export { SessionPassportModule } from './session-passport.module.js';
export type { SessionPassportOptions } from './session-passport.options.js';
