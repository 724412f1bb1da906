import { callForLines } from './api.js';
import { ask } from './ask.js';
import { explain } from './attempt.js';
import { byId, h } from './dom.js';
import { many } from './format.js';
import { say } from './messages.js';
import { look, lookAt } from './operations-look.js';
import { change, drawWith, shop } from './shop.js';

const select = byId('recall-product');
const start = byId('recall-start');
const stop = byId('recall-stop');
const bar = byId('recall-progress');
let stopping;

function nameOf(sku) {
  return shop.products.find((product) => product.sku === sku)?.name ?? sku;
}

async function askToRecall() {
  const { sku, count } = shop.carts;
  const isSure = await ask({
    title: `Take ${nameOf(sku)} out of all carts?`,
    text: `It is in ${many(count, 'cart')}. What else is in a cart stays there. This cannot be undone.`,
    action: 'Take it out of all carts',
  });
  if (isSure) void recall(sku).catch((error) => explain(error, () => recall(sku)));
}

/** Not in the queue of the other clicks: it may take a while, and they need not wait for it. */
async function recall(sku) {
  if (stopping) return;
  const { signal } = (stopping = new AbortController());
  let last = { done: 0, total: shop.carts?.count ?? 0 };
  const onLine = (line) => {
    last = { ...last, ...line };
    change({ recalling: last });
  };
  change({ recalling: last });
  stop.focus();
  try {
    await callForLines('POST', `/api/operations/recall/${sku}`, { onLine, signal });
    if (last.error) say(last.error.message);
    else say(result(nameOf(sku), last));
  } catch (error) {
    if (!signal.aborted) throw error;
    say(`Stopped. ${nameOf(sku)} may be in some carts still.`);
  } finally {
    finish();
  }
  await look();
}

function result(name, { changed, missed }) {
  const left = missed
    ? ` ${many(missed, 'cart')} kept changing and still hold it: do it again.`
    : '';
  return `${name} is out of ${many(changed, 'cart')}.${left}`;
}

function finish() {
  const stood = document.activeElement === stop;
  stopping = undefined;
  change({ recalling: undefined });
  // The button that was pressed is hidden now.
  if (stood) select.focus();
}

function cartRow({ id, userId, tenant, quantity }) {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, userId ?? 'a visitor', h('span', { class: 'quiet' }, tenant)),
    h('td', {}, h('code', {}, id)),
    h('td', { class: 'number' }, String(quantity)),
  );
}

function drawCarts(carts) {
  const isKnown = Boolean(carts);
  const words = isKnown ? inWords(carts) : 'Choose a product to see the carts that it is in.';
  if (byId('recall-count').textContent !== words) byId('recall-count').textContent = words;
  byId('recall-table').hidden = !carts?.count;
  byId('recall-carts').replaceChildren(...(carts?.sessions ?? []).map(cartRow));
}

function inWords({ sku, count, sessions }) {
  if (count === 0) return `${nameOf(sku)} is in no cart.`;
  const shown = count > sessions.length ? `, of which these are the newest ${sessions.length}` : '';
  return `${nameOf(sku)} is in ${many(count, 'cart')}${shown}.`;
}

function drawProgress(recalling) {
  byId('recall-running').hidden = !recalling;
  if (!recalling) return;
  const { done, total } = recalling;
  bar.max = total || 1;
  bar.value = done;
  byId('recall-done').textContent = `${done} of ${many(total, 'cart')}`;
}

export function startRecall() {
  select.addEventListener('change', () => void lookAt({ sku: select.value }));
  start.addEventListener('click', () => void askToRecall());
  stop.addEventListener('click', () => stopping?.abort());
  let listed;
  drawWith(({ products, carts, recalling }) => {
    if (products !== listed) {
      listed = products;
      const options = products.map(({ sku, name }) => h('option', { value: sku }, name));
      select.replaceChildren(h('option', { value: '' }, 'Choose a product'), ...options);
    }
    drawCarts(carts);
    drawProgress(recalling);
    start.hidden = Boolean(recalling) || !carts?.count;
    select.disabled = Boolean(recalling);
  });
}
