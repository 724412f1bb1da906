export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly unit: string;
  readonly priceCents: number;
  readonly description: string;
}

export const PRODUCTS: readonly Product[] = [
  {
    sku: 'bread',
    name: 'Sourdough loaf',
    unit: '800 g',
    priceCents: 480,
    description: 'Two days of patience, one hour of oven. Keeps well until the weekend.',
  },
  {
    sku: 'coffee',
    name: 'Coffee beans',
    unit: '250 g',
    priceCents: 990,
    description: 'A round, dark roast with a little cocoa. Kind to milk, good without.',
  },
  {
    sku: 'tea',
    name: 'Mountain tea',
    unit: '100 g',
    priceCents: 640,
    description: 'Whole leaves from high slopes, picked in spring. Three infusions, at least.',
  },
  {
    sku: 'honey',
    name: 'Linden honey',
    unit: '500 g',
    priceCents: 850,
    description: 'From the trees along the canal: fresh, a touch of mint, slow to set.',
  },
  {
    sku: 'tomatoes',
    name: 'Vine tomatoes',
    unit: '500 g',
    priceCents: 320,
    description: 'Ripened on the plant and sold the same day. Salt, oil, nothing else.',
  },
  {
    sku: 'oil',
    name: 'Olive oil',
    unit: '0.5 l',
    priceCents: 1450,
    description: 'Early harvest, cold pressed: green, peppery, and honest about it.',
  },
  {
    sku: 'cheese',
    name: 'Alpine cheese',
    unit: '300 g',
    priceCents: 1120,
    description: 'Fourteen months in a quiet cellar. Nutty, with crystals that crunch.',
  },
  {
    sku: 'mug',
    name: 'Enamel mug',
    unit: '0.35 l',
    priceCents: 1290,
    description: 'Light, nearly unbreakable, and better looking with every dent.',
  },
  {
    sku: 'candle',
    name: 'Beeswax candle',
    unit: '40 h',
    priceCents: 1680,
    description: 'Burns slowly and smells of summer. Trim the wick and it will be faithful.',
  },
];

export function isSku(sku: string): boolean {
  return PRODUCTS.some((product) => product.sku === sku);
}
