import { byId, h, redraw } from './dom.js';
import { isOperator } from './session.js';
import { drawWith } from './shop.js';
import { askToSignIn } from './sign-in.js';

function message(title, ...content) {
  return h('div', { class: 'card notice' }, h('h2', {}, title), content);
}

function signInFirst() {
  const reason = 'This page is for operators, such as olga.';
  return message(
    'This page is for operators',
    h('p', {}, 'Sign in as one, and you see who is signed in to the shop.'),
    h(
      'button',
      {
        class: 'button primary',
        type: 'button',
        'data-focus': 'gate',
        onclick: () => askToSignIn({ reason }),
      },
      'Sign in as an operator',
    ),
  );
}

function notForYou({ userId }) {
  return message(
    'This page is for operators',
    h('p', {}, `You are signed in as ${userId}, who is none. The rest of the shop is yours.`),
  );
}

function outOfOrder({ code, message: text }) {
  if (code !== 'SESSION_SEARCH') {
    return message('What you see may be old', h('p', {}, text), h('p', {}, 'It is tried again.'));
  }
  return message(
    'Sessions cannot be searched at the moment',
    h('p', {}, text),
    h('p', {}, 'The rest of the shop needs no search: carts and sign-ins work as ever.'),
  );
}

/** One thing in place of the page, or nothing: it is said when it changes, so it is drawn only then. */
function noticeFor({ session, problem }) {
  if (!session) return [];
  if (!session.signedIn) return [signInFirst()];
  if (!isOperator(session)) return [notForYou(session)];
  return problem ? [outOfOrder(problem)] : [];
}

export function startGate() {
  const notice = byId('notice');
  let said = '';
  drawWith((shop) => {
    const { session, problem, tenants } = shop;
    const content = noticeFor(shop);
    const text = content.map((element) => element.textContent).join('');
    if (text !== said) redraw(notice, content, byId('title'));
    said = text;
    const isSearchable = tenants && problem?.code !== 'SESSION_SEARCH';
    byId('rooms').hidden = !isOperator(session) || !isSearchable;
    byId('live').hidden = byId('rooms').hidden;
  });
}
