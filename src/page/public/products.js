import { call } from './api.js';
import { attempt } from './attempt.js';
import { add } from './cart.js';
import { byId, h, picture } from './dom.js';
import { price } from './format.js';
import { openProduct } from './product-dialog.js';
import { change, drawWith } from './shop.js';

function card(product) {
  const open = () => openProduct(product);
  return h(
    'li',
    { class: 'product' },
    h('div', { class: 'tile' }, picture(product.sku, 'drawing')),
    h(
      'h3',
      {},
      h('button', { class: 'product-name', type: 'button', onclick: open }, product.name),
    ),
    h('p', { class: 'quiet' }, product.unit),
    h(
      'div',
      { class: 'product-foot' },
      h('span', { class: 'price' }, price(product.priceCents)),
      h(
        'button',
        {
          class: 'button small',
          type: 'button',
          'aria-label': `Add ${product.name} to the cart`,
          onclick: () => add(product),
        },
        'Add',
      ),
    ),
  );
}

export function startProducts() {
  const shelf = byId('shelf');
  let drawn;
  drawWith(({ products }) => {
    if (products === drawn) return;
    drawn = products;
    shelf.replaceChildren(...products.map(card));
  });
  void attempt(async () => change({ products: await call('GET', '/api/products') }));
}
