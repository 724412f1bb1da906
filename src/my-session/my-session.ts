import type { CartLine } from '../cart/cart-line.js';
import type { Theme } from '../preferences/theme.js';

/** What the page learns about the session; a stranger has no id, no user and no times. */
export interface MySession {
  readonly signedIn: boolean;
  /** Why the session that this browser had is gone, in the words of the guard's 401. */
  readonly endedCode: string | undefined;
  readonly id: string | undefined;
  readonly userId: string | undefined;
  readonly tenant: string | undefined;
  readonly cart: readonly CartLine[];
  readonly views: number;
  readonly theme: Theme | null;
  readonly createdAt: string | undefined;
  readonly lastSeenAt: string | undefined;
  readonly expiresInSeconds: number | undefined;
  readonly instance: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
