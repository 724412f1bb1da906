import { byId } from './dom.js';
import { isOperator } from './session.js';
import { drawWith } from './shop.js';

/** The way to the page of the operators, for those who may go there. */
export function startOperationsLink() {
  const link = byId('operations-link');
  drawWith(({ session }) => {
    link.hidden = !isOperator(session);
  });
}
