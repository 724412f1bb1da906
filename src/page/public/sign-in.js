import { call } from './api.js';
import { byId, h, sign } from './dom.js';
import { hideWarning, say } from './messages.js';
import { refresh } from './session.js';

const ACCOUNTS = [
  { name: 'alice', about: 'acme' },
  { name: 'bob', about: 'acme' },
  { name: 'carol', about: 'globex' },
  { name: 'olga', about: 'operator' },
];

const dialog = byId('sign-in-dialog');
const form = byId('sign-in-form');
const error = byId('sign-in-error');
const fields = form.elements;
let next;

export function askToSignIn({ reason, afterwards } = {}) {
  next = afterwards;
  error.textContent = '';
  byId('sign-in-reason').textContent = reason ?? 'Your theme and your views come along.';
  if (!dialog.open) dialog.showModal();
}

async function signIn() {
  const username = fields.username.value.trim();
  const password = fields.password.value;
  try {
    await call('POST', '/api/sign-in', { username, password, remember: fields.remember.checked });
    await refresh();
  } catch (failure) {
    error.textContent = failure.message;
    return;
  }
  dialog.close();
  form.reset();
  hideWarning();
  say(`Welcome, ${username}.`);
  next?.();
}

function demoAccount({ name, about }) {
  const fill = () => {
    fields.username.value = name;
    fields.password.value = `${name}-pw`;
    form.querySelector('[type=submit]').focus();
  };
  return h(
    'button',
    { class: 'demo-account', type: 'button', onclick: fill },
    h('strong', {}, name),
    h('span', {}, `${name}-pw · ${about}`),
  );
}

export function startSignIn() {
  byId('demo-accounts').append(...ACCOUNTS.map(demoAccount));
  byId('sign-in-close').append(sign('close'));
  byId('sign-in-close').addEventListener('click', () => dialog.close());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn();
  });
}
