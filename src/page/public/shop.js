/**
 * Everything the page knows. `session` is null while it is unknown, which is not the same as none. The page of the
 * operators adds what it looks at.
 */
export const shop = { session: null, readAt: 0, products: [], devices: [] };

const drawings = [];
let isPressed = false;
let isBehind = false;

/** `draw` runs now and after every change; each part of the page draws itself from the whole. */
export function drawWith(draw) {
  drawings.push(draw);
  draw(shop);
}

/** While somebody presses a button, the page stays as it is: one that is drawn anew before its release hears no click. */
export function change(changes) {
  Object.assign(shop, changes);
  isBehind = true;
  if (!isPressed) drawAll();
}

function drawAll() {
  isBehind = false;
  for (const draw of drawings) draw(shop);
}

addEventListener('pointerdown', () => (isPressed = true), true);
addEventListener('pointerup', released, true);
addEventListener('pointercancel', released, true);
// Of the window itself: that of a button is no release.
addEventListener('blur', released);

function released() {
  isPressed = false;
  // The click comes right behind it.
  setTimeout(() => {
    if (isBehind && !isPressed) drawAll();
  });
}
