import { call } from './api.js';
import { attempt, lookAgain } from './attempt.js';
import { byId, h, picture, redraw, sign } from './dom.js';
import { price } from './format.js';
import { say } from './messages.js';
import { change, drawWith, shop } from './shop.js';
import { askToSignIn } from './sign-in.js';

export function add({ sku, name }) {
  const work = () =>
    save(() => call('POST', '/api/cart', { sku, quantity: 1 }), `${name} is in your cart.`);
  if (shop.session?.signedIn === false) {
    const reason = `Sign in, and ${name} goes into your cart.`;
    askToSignIn({ reason, afterwards: () => attempt(work) });
  } else {
    void attempt(work);
  }
}

/** The new quantity is counted when the click's turn comes, from what the clicks before it left. */
function step(sku, by) {
  void attempt(async () => {
    const line = shop.session?.cart.find((candidate) => candidate.sku === sku);
    if (!line) return;
    const quantity = line.quantity + by;
    await save(() =>
      quantity < 1
        ? call('DELETE', `/api/cart/${sku}`)
        : call('PUT', `/api/cart/${sku}`, { quantity }),
    );
  });
}

function remove(sku, name) {
  void attempt(() =>
    save(() => call('DELETE', `/api/cart/${sku}`), `${name} is out of your cart.`),
  );
}

async function save(write, message) {
  const { cart } = await write();
  if (shop.session) change({ session: { ...shop.session, cart } });
  if (message) say(message);
  lookAgain();
}

function lineRow({ sku, quantity }, product) {
  const button = (act, label, symbol, onclick) =>
    h(
      'button',
      {
        type: 'button',
        class: 'step',
        'aria-label': label,
        'data-focus': `${act} ${sku}`,
        onclick,
      },
      sign(symbol),
    );
  const { name, priceCents } = product;
  return h(
    'li',
    { class: 'line' },
    h('div', { class: 'tile' }, picture(sku, 'drawing')),
    h(
      'div',
      { class: 'line-text' },
      h('strong', {}, name),
      h('span', { class: 'quiet' }, `${price(priceCents)} each`),
    ),
    h('span', { class: 'price' }, price(priceCents * quantity)),
    h(
      'div',
      { class: 'stepper', role: 'group', 'aria-label': `Quantity of ${name}` },
      button('less', `One ${name} less`, 'minus', () => step(sku, -1)),
      h('output', { class: 'quantity', 'aria-label': `${quantity} in the cart` }, String(quantity)),
      button('more', `One ${name} more`, 'plus', () => step(sku, 1)),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'text-button',
        'aria-label': `Remove ${name}`,
        'data-focus': `remove ${sku}`,
        onclick: () => remove(sku, name),
      },
      'Remove',
    ),
  );
}

function emptyCart(session) {
  return h(
    'p',
    { class: 'quiet' },
    session?.signedIn === false
      ? 'Nothing in here yet. Choose something: you sign in on the way, and the cart follows you.'
      : 'Nothing in here yet. Go on, the bread is still warm.',
  );
}

export function startCart() {
  const content = byId('cart-content');
  const link = byId('cart-link');
  drawWith(({ session, products }) => {
    const lines = (session?.cart ?? [])
      .map((line) => ({ ...line, product: products.find(({ sku }) => sku === line.sku) }))
      .filter(({ product }) => product);
    const count = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const cents = lines.reduce((sum, line) => sum + line.quantity * line.product.priceCents, 0);

    const filled = () => [
      h(
        'ul',
        { class: 'lines' },
        lines.map((line) => lineRow(line, line.product)),
      ),
      h('p', { class: 'total' }, h('span', {}, 'Total'), h('strong', {}, price(cents))),
    ];
    redraw(content, count ? filled() : [emptyCart(session)], byId('cart-title'));

    link.setAttribute('aria-label', `To your cart: ${count} ${count === 1 ? 'item' : 'items'}`);
    link.replaceChildren(sign('cart'), count > 0 && h('span', { class: 'count' }, String(count)));
    if (!count) link.replaceChildren(sign('cart'));
  });
}
