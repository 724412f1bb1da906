import { numeric, tag, tags } from 'nestjs-redis-session';
import type { CartLine } from '../../src/cart/cart-line.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    tenant: string;
    cart: CartLine[];
    views: number;
    plan: string;
    /** Not in the index, and as long as it takes to make a session 300 bytes. */
    lastPage: string;
  }
}

export const index = {
  plan: tag('plan'),
  tenant: tag('tenant'),
  products: tags('cart', (cart) => cart.map(({ sku }) => sku)),
  total: numeric('cart', (cart) => cart.reduce((sum, { quantity }) => sum + quantity, 0)),
  views: numeric('views'),
};

export const LIFETIME = { idleSeconds: 12 * 3600, absoluteSeconds: 24 * 3600 };
export const TOUCH_INTERVAL_SECONDS = 60;
