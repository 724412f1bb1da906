import { byId, h, sign } from './dom.js';

const toast = byId('toast');
const alert = byId('alert');
let toastTimer;

/** Good news and small refusals: said politely, gone after a while. */
export function say(text) {
  clearTimeout(toastTimer);
  toast.textContent = text;
  toast.classList.add('shown');
  toastTimer = setTimeout(() => toast.classList.remove('shown'), 4000);
}

/** What needs a decision stays until it is taken. */
export function warn(text, label, onAction) {
  toast.classList.remove('shown');
  const act = () => {
    hideWarning();
    onAction();
  };
  alert.replaceChildren(
    h('p', {}, text),
    h('button', { class: 'button', type: 'button', onclick: act }, label),
    h(
      'button',
      { class: 'sign-button small', type: 'button', 'aria-label': 'Dismiss', onclick: hideWarning },
      sign('close'),
    ),
  );
  alert.hidden = false;
}

export function hideWarning() {
  alert.hidden = true;
}
