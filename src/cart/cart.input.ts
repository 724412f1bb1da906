import { BadRequestException } from '@nestjs/common';
import { isSku } from '../catalog/products.js';
import { readObject, readText, readWholeNumber } from '../input.js';
import { MAX_QUANTITY } from './cart.js';
import type { CartLine } from './cart-line.js';

export function readCartLine(body: unknown): CartLine {
  const input = readObject(body);
  const sku = readText(input, 'sku');
  if (!isSku(sku)) throw new BadRequestException(`"sku" names no product of this shop.`);
  return { sku, quantity: readQuantity(body) };
}

export function readQuantity(body: unknown): number {
  return readWholeNumber(readObject(body), 'quantity', 1, MAX_QUANTITY);
}
