import { BadRequestException, NotFoundException } from '@nestjs/common';
import type { CartLine } from './cart-line.js';

export const MAX_QUANTITY = 99;

/** Every function gives a new cart: `session.update` may run it again when somebody else wrote. */
export function withAdded(cart: readonly CartLine[], { sku, quantity }: CartLine): CartLine[] {
  const line = cart.find((candidate) => candidate.sku === sku);
  if (!line) return [...cart, { sku, quantity }];
  const total = line.quantity + quantity;
  if (total > MAX_QUANTITY) {
    throw new BadRequestException(
      `"quantity" is too high: the cart holds ${line.quantity} of "${sku}" and at most ${MAX_QUANTITY} fit.`,
    );
  }
  return withQuantity(cart, { sku, quantity: total });
}

export function withQuantity(cart: readonly CartLine[], { sku, quantity }: CartLine): CartLine[] {
  if (!cart.some((line) => line.sku === sku)) {
    throw new NotFoundException(`"${sku}" is not in the cart.`);
  }
  return cart.map((line) => (line.sku === sku ? { sku, quantity } : line));
}

export function without(cart: readonly CartLine[], sku: string): CartLine[] {
  return cart.filter((line) => line.sku !== sku);
}
