import { byId } from './dom.js';

const dialog = byId('ask-dialog');
let answer = () => {};

/** Asks before something that cannot be undone. Closing the dialog in any other way is a no. */
export function ask({ title, text, action }) {
  const stood = document.activeElement?.dataset.focus;
  byId('ask-title').textContent = title;
  byId('ask-text').textContent = text;
  byId('ask-yes').textContent = action;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    answer = (isSure) => {
      // The button that was pressed may have been drawn anew meanwhile.
      if (stood) document.querySelector(`[data-focus="${CSS.escape(stood)}"]`)?.focus();
      resolve(isSure);
    };
  });
}

export function startAsk() {
  dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'));
}
