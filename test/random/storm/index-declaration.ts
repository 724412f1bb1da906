import { numeric, tag, tags, text } from 'nestjs-redis-session';

declare module 'nestjs-redis-session' {
  interface SessionData {
    tenant: string;
    lines: { sku: string; quantity: number }[];
    views: number;
    count: number;
    note: string;
  }
}

/** Each way in which a change of a session reaches its document: as it is, through a function, and as a counter. */
export const stormIndex = {
  tenant: tag('tenant'),
  products: tags('lines', (lines) => lines.map(({ sku }) => sku)),
  total: numeric('lines', (lines) => lines.reduce((sum, { quantity }) => sum + quantity, 0)),
  mood: tag('views', (views) => (views > 9 ? 'busy' : 'calm')),
  count: numeric('count'),
  round: tag('count'),
  note: text('note'),
};

/** Texts as sessions hold them, and as documents must hold them. Written by hand, to check the library. */
export const TENANTS: Readonly<Record<string, string>> = {
  acme: 'acme',
  globex: 'globex',
  '': '%',
  '50% off': '50%25 off',
  ' at the edge ': '%20at the edge%20',
  'a\\b\u001fc': 'a%5cb%1fc',
};

export const PRODUCTS: Readonly<Record<string, string>> = {
  tea: 'tea',
  mug: 'mug',
  'soap, "soft"': 'soap, "soft"',
  '{x}|*': '{x}|*',
};

/** What `text` makes of a note. */
export const NOTES: Readonly<Record<string, string>> = {
  'Gift wrap, please!': 'gift wrap please',
  'GRÜSSE 10:30': 'grüsse 10 30',
};
