import { lookAgain } from './attempt.js';
import { byId, h, redraw, sign } from './dom.js';
import { ago, duration } from './format.js';
import { say } from './messages.js';
import { drawWith, shop } from './shop.js';

const bar = h('progress', { max: 1, value: 1, 'aria-labelledby': 'time-left' });
const timeLeft = h('span', { id: 'time-left' });
let longest = { id: undefined, seconds: 0 };

/**
 * Counts down without asking the shop: a question would be a sign of life, and a page left open would
 * keep its session alive for ever.
 */
function tick() {
  const { session, readAt } = shop;
  if (!session?.id) return;
  const passed = Math.round((Date.now() - readAt) / 1000);
  const seconds = Math.max(0, session.expiresInSeconds - passed);
  bar.max = longest.seconds || 1;
  bar.value = seconds;
  bar.classList.toggle('low', seconds < longest.seconds / 10);
  timeLeft.textContent =
    seconds > 0
      ? `${duration(seconds)} left if you do nothing`
      : 'Time is up: it ends any moment now';
}

/** The key as the library writes it: the id begins with the two bytes that choose the slot. */
function redisKey(id) {
  const bytes = atob(id.slice(0, 4).replaceAll('-', '+').replaceAll('_', '/'));
  const shard = [bytes.charCodeAt(0), bytes.charCodeAt(1)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return `session:{${shard}}:${id}`;
}

function copyButton(text) {
  const copy = async () => {
    await navigator.clipboard.writeText(text).then(
      () => say('Copied. Paste it into redis-cli.'),
      () => say('The browser did not allow copying.'),
    );
  };
  return h(
    'button',
    {
      type: 'button',
      class: 'sign-button small',
      'aria-label': 'Copy the command',
      'data-focus': 'copy',
      onclick: copy,
    },
    sign('copy'),
  );
}

function row(term, ...values) {
  return h('div', {}, h('dt', {}, term), h('dd', {}, values));
}

function fieldsTable(fields) {
  const rows = Object.keys(fields)
    .toSorted()
    .map((name) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, name),
        h('td', {}, h('code', {}, JSON.stringify(fields[name]))),
      ),
    );
  return h(
    'table',
    { class: 'fields' },
    h('caption', {}, 'Fields, as they are stored'),
    h('tbody', {}, rows.length ? rows : h('tr', {}, h('td', { class: 'quiet' }, 'None yet'))),
  );
}

function known(session) {
  const command = `HGETALL ${redisKey(session.id)}`;
  return [
    h('div', { class: 'time' }, timeLeft, bar),
    h(
      'dl',
      { class: 'facts' },
      row('Session id', h('code', {}, session.id)),
      row('Belongs to', session.userId ? `${session.userId} (${session.tenant})` : 'a visitor'),
      row('Created', ago(session.createdAt)),
      row('Answered by', h('code', {}, session.instance)),
    ),
    fieldsTable(session.fields ?? {}),
    h('p', { class: 'quiet look' }, 'See for yourself in redis-cli:'),
    h('div', { class: 'command' }, h('code', { tabindex: '0' }, command), copyButton(command)),
  ];
}

function none(session) {
  return [
    h(
      'p',
      { class: 'quiet' },
      'You have none yet, and so there is no cookie either. Look at a product, change the theme or sign in: then there is something to remember.',
    ),
    h('dl', { class: 'facts' }, row('Answered by', h('code', {}, session.instance))),
  ];
}

function unknown() {
  return [h('p', { class: 'quiet' }, 'Not known at the moment.')];
}

function draw({ session }) {
  if (session?.id !== longest.id) longest = { id: session?.id, seconds: 0 };
  longest.seconds = Math.max(longest.seconds, session?.expiresInSeconds ?? 0);
  const content = session ? (session.id ? known(session) : none(session)) : unknown();
  redraw(byId('session-content'), content, byId('session-title'));
  tick();
}

export function startSessionPanel() {
  const again = byId('read-again');
  again.append(sign('again'));
  again.addEventListener('click', lookAgain);
  drawWith(draw);
  setInterval(tick, 1000);
}
