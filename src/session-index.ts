import { tag, tags } from 'nestjs-redis-session';

/** What can be asked across all sessions: each field is read from one field of the session. */
export const sessionIndex = {
  tenant: tag('tenant'),
  role: tag('role'),
  products: tags('cart', (cart) => cart.map((line) => line.sku)),
};

export type SessionIndex = typeof sessionIndex;
