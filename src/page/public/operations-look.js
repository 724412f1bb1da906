import { call } from './api.js';
import { byId } from './dom.js';
import { sessionEnded } from './session-ended.js';
import { isOperator, refresh } from './session.js';
import { change, drawWith, shop } from './shop.js';

const EVERY_MS = 2000;
/** Each look is a sign of life. A page that was left open must not keep its session alive for ever. */
const NOBODY_AFTER_MS = 300_000;

const wanted = { page: 1, sku: '' };
let round = 0;
let isPaused = false;
let lastActAt = Date.now();

/** Looks at something else from now on, and at once. */
export function lookAt(changes) {
  Object.assign(wanted, changes);
  return look();
}

/** Only the answer to the last question counts: an earlier one may come later. */
export async function look() {
  const mine = ++round;
  if (!isOperator(shop.session)) return forget();
  const seen = await ask().catch((error) => ({ problem: error }));
  if (mine !== round) return;
  const { status, code } = seen.problem ?? {};
  if (status === 401) sessionEnded(code, look);
  // Somebody else has signed in, in another tab.
  else if (status === 403) refresh().catch(() => {});
  else change(seen);
}

/** What an operator saw is not for whoever comes next. */
function forget() {
  if (shop.people) change({ tenants: undefined, people: undefined, carts: undefined });
}

async function ask() {
  const { page, sku } = wanted;
  const [tenants, people, carts] = await Promise.all([
    call('GET', '/api/operations/tenants'),
    call('GET', `/api/operations/sessions?page=${page}`),
    sku && call('GET', `/api/operations/recall/${sku}`),
  ]);
  return { tenants, people, carts: carts && { ...carts, sku }, problem: undefined };
}

function state() {
  if (isPaused) return 'paused';
  return Date.now() - lastActAt > NOBODY_AFTER_MS ? 'alone' : 'live';
}

const WORDS = {
  live: 'Live: looks again every 2 seconds',
  paused: 'Paused',
  alone: 'Paused, because nobody seems to be here',
};

function show() {
  byId('live').dataset.state = state();
  const words = WORDS[state()];
  // Said again only when it changes: it is read out.
  if (byId('live-words').textContent !== words) byId('live-words').textContent = words;
  byId('live-button').textContent = isPaused ? 'Go on' : 'Pause';
}

async function lookAgain() {
  show();
  if (state() === 'live' && !document.hidden) await look();
  setTimeout(lookAgain, EVERY_MS);
}

/** Somebody is here. */
function noticeAct() {
  const wasAlone = state() === 'alone';
  lastActAt = Date.now();
  if (!wasAlone) return;
  show();
  void look();
}

export function startLooking() {
  byId('live-button').addEventListener('click', () => {
    isPaused = !isPaused;
    show();
    if (!isPaused) void look();
  });
  for (const type of ['pointermove', 'pointerdown', 'keydown', 'scroll']) {
    addEventListener(type, noticeAct, { passive: true });
  }
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && state() === 'live') void look();
  });
  let before;
  drawWith(({ session }) => {
    const isNew = session?.id !== before;
    before = session?.id;
    if (isNew) void look();
  });
  void lookAgain();
}
