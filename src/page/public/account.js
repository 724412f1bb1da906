import { call } from './api.js';
import { attempt, lookAgain } from './attempt.js';
import { byId, h, redraw } from './dom.js';
import { say } from './messages.js';
import { forgetSession } from './session.js';
import { drawWith } from './shop.js';
import { askToSignIn } from './sign-in.js';

export function signOut() {
  return attempt(async () => {
    await call('POST', '/api/sign-out');
    forgetSession();
    say('You are signed out.');
    lookAgain();
  });
}

function open() {
  askToSignIn();
}

function guest() {
  return [
    h(
      'button',
      { class: 'button primary', type: 'button', 'data-focus': 'account', onclick: open },
      'Sign in',
    ),
  ];
}

function signedIn({ userId, tenant }) {
  return [
    h('span', { class: 'who' }, h('strong', {}, userId), h('span', { class: 'quiet' }, tenant)),
    h(
      'button',
      { class: 'button', type: 'button', 'data-focus': 'account', onclick: signOut },
      'Sign out',
    ),
  ];
}

export function startAccount() {
  const account = byId('account');
  const greeting = byId('greeting');
  drawWith(({ session }) => {
    redraw(account, session?.signedIn ? signedIn(session) : guest());
    // Not every page greets.
    if (!greeting) return;
    greeting.textContent = session?.signedIn
      ? `Good to see you, ${session.userId}.`
      : 'Good things from around the corner.';
  });
}
