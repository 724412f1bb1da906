import { call } from './api.js';
import { attempt, lookAgain } from './attempt.js';
import { byId } from './dom.js';
import { othersSignedOut } from './format.js';
import { say } from './messages.js';
import { drawWith } from './shop.js';

const form = byId('password-form');
const { username, newPassword, show } = form.elements;

function changePassword() {
  const password = newPassword.value;
  return attempt(async () => {
    // Empty by now: a second click, or somebody else has signed in between the wish and the deed.
    if (newPassword.value !== password) return;
    const { signedOut } = await call('POST', '/api/password', { newPassword: password });
    clear();
    say(`Your password is changed. ${othersSignedOut(signedOut)}`);
    lookAgain();
  });
}

function clear() {
  form.reset();
  newPassword.type = 'password';
}

export function startPassword() {
  show.addEventListener('change', () => {
    newPassword.type = show.checked ? 'text' : 'password';
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void changePassword();
  });
  drawWith(({ session }) => {
    byId('password').hidden = session?.signedIn !== true;
    if (!session?.signedIn || session.userId === username.value) return;
    // What one user has typed is not for the next one. The name is there for password managers.
    username.defaultValue = session.userId;
    clear();
  });
}
