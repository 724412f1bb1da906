import { withAdded, without, withQuantity } from './cart.js';
import { readCartLine } from './cart.input.js';

const cart = Object.freeze([{ sku: 'bread', quantity: 2 }]);

describe('cart', () => {
  it('adds a new line, or to the line that is there', () => {
    expect(withAdded(cart, { sku: 'tea', quantity: 1 })).toEqual([
      { sku: 'bread', quantity: 2 },
      { sku: 'tea', quantity: 1 },
    ]);
    expect(withAdded(cart, { sku: 'bread', quantity: 97 })).toEqual([
      { sku: 'bread', quantity: 99 },
    ]);
  });

  it('holds at most 99 of a product', () => {
    expect(() => withAdded(cart, { sku: 'bread', quantity: 98 })).toThrow('at most 99');
  });

  it('changes the quantity only of what is in it', () => {
    expect(withQuantity(cart, { sku: 'bread', quantity: 7 })).toEqual([
      { sku: 'bread', quantity: 7 },
    ]);
    expect(() => withQuantity(cart, { sku: 'tea', quantity: 7 })).toThrow('not in the cart');
  });

  it('forgets a line, and does not mind one that is not there', () => {
    expect(without(cart, 'bread')).toEqual([]);
    expect(without(cart, 'tea')).toEqual(cart);
  });
});

describe('readCartLine', () => {
  it('keeps nothing but the product and the quantity', () => {
    expect(readCartLine({ sku: 'bread', quantity: 2, price: 0 })).toEqual({
      sku: 'bread',
      quantity: 2,
    });
  });

  it.each(['unknown', '__proto__', '', 5, undefined])('takes no %p for a product', (sku) => {
    expect(() => readCartLine({ sku, quantity: 1 })).toThrow('"sku"');
  });
});
