import { call } from './api.js';
import { attempt, lookAgain } from './attempt.js';
import { add } from './cart.js';
import { byId, h, picture, sign } from './dom.js';
import { price } from './format.js';
import { drawWith } from './shop.js';

const dialog = byId('product-dialog');
const views = h('p', { class: 'views quiet' });

/** Looking at a product is worth remembering, so this creates the session of a stranger. */
export function openProduct(product) {
  draw(product);
  dialog.showModal();
  void attempt(async () => {
    await call('POST', '/api/views');
    lookAgain();
  });
}

function close() {
  dialog.close();
}

function draw(product) {
  const addAndClose = () => {
    close();
    add(product);
  };
  byId('product-dialog-content').replaceChildren(
    h('div', { class: 'tile' }, picture(product.sku, 'drawing')),
    h(
      'div',
      { class: 'product-text' },
      h(
        'button',
        { class: 'sign-button small close', type: 'button', 'aria-label': 'Close', onclick: close },
        sign('close'),
      ),
      h('h2', { id: 'product-title' }, product.name),
      h('p', { class: 'quiet' }, product.unit),
      h('p', {}, product.description),
      h(
        'div',
        { class: 'product-foot' },
        h('span', { class: 'price large' }, price(product.priceCents)),
        h(
          'button',
          { class: 'button primary', type: 'button', autofocus: true, onclick: addAndClose },
          'Add to cart',
        ),
      ),
      views,
    ),
  );
}

export function startProductDialog() {
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) close();
  });
  drawWith(({ session }) => {
    const count = session?.views ?? 0;
    views.textContent = count ? `Products looked at in this session: ${count}` : '';
  });
}
