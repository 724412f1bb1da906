/**
 * Everything the page knows. `session` is null while it is unknown, which is not the same as none. The page of the
 * operators adds what it looks at.
 */
export const shop = { session: null, readAt: 0, products: [], devices: [] };

const drawings = [];

/** `draw` runs now and after every change; each part of the page draws itself from the whole. */
export function drawWith(draw) {
  drawings.push(draw);
  draw(shop);
}

export function change(changes) {
  Object.assign(shop, changes);
  for (const draw of drawings) draw(shop);
}
