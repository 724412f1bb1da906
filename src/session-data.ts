import type { CartLine } from './cart/cart-line.js';
import type { Role } from './accounts/account.js';
import type { Theme } from './preferences/theme.js';

/** What this shop keeps in a session: each property is one field of the hash in Redis. */
declare module 'nestjs-redis-session' {
  interface SessionData {
    tenant: string;
    role: Role;
    cart: CartLine[];
    views: number;
    theme: Theme;
  }
}
