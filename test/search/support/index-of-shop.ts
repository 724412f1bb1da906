import { numeric, tag, tags, text } from 'nestjs-redis-session';

declare module 'nestjs-redis-session' {
  interface SessionData {
    tenant: string;
    views: number;
    note: string;
    lines: { sku: string; quantity: number }[];
    isBeta: boolean;
    labels: string[];
  }
}

/** A field of the index of each kind, with a function and without, and one that is computed from a counter. */
export const indexOfShop = {
  tenant: tag('tenant'),
  isBeta: tag('isBeta'),
  mood: tag('views', (views) => (views > 9 ? 'busy' : 'calm')),
  products: tags('lines', (lines) => lines.map(({ sku }) => sku)),
  labels: tags('labels'),
  views: numeric('views'),
  total: numeric('lines', (lines) => lines.reduce((sum, { quantity }) => sum + quantity, 0)),
  note: text('note'),
};

export type IndexOfShop = typeof indexOfShop;
