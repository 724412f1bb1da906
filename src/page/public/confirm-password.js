import { call } from './api.js';
import { byId, sign } from './dom.js';
import { sessionEnded } from './session-ended.js';

const dialog = byId('confirm-dialog');
const form = byId('confirm-form');
// A page where nothing needs a fresh password has no such form.
const submit = form?.querySelector('[type=submit]');
const error = byId('confirm-error');
let next;

/** The shop wants to know that it is still the same person; then it does what was asked for. */
export function confirmPassword(afterwards) {
  next = afterwards;
  form.reset();
  error.textContent = '';
  if (!dialog.open) dialog.showModal();
}

async function confirm() {
  // Each confirmation ends the token of the one before, so there is one at a time.
  submit.disabled = true;
  try {
    await call('POST', '/api/confirm-password', { password: form.elements.password.value });
    // Closed meanwhile: it is not wanted any more.
    if (dialog.open) next();
    dialog.close();
  } catch (failure) {
    refuse(failure);
  } finally {
    submit.disabled = false;
  }
}

/** Only a 401 with a code is about the session; without one it is about the password. */
function refuse({ status, code, message }) {
  if (status === 401 && code) {
    dialog.close();
    sessionEnded(code, next);
  } else {
    error.textContent = message;
    form.elements.password.select();
  }
}

export function startConfirmPassword() {
  byId('confirm-close').append(sign('close'));
  byId('confirm-close').addEventListener('click', () => dialog.close());
  // What was typed does not wait in a closed dialog.
  dialog.addEventListener('close', () => form.reset());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void confirm();
  });
}
