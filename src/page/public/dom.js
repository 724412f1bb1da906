const SVG = 'http://www.w3.org/2000/svg';

export function byId(id) {
  return document.getElementById(id);
}

/** Children become text or nodes, never markup: data from the server cannot turn into HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

/** One symbol of pictures.svg; decoration only, the words beside it carry the meaning. */
export function picture(name, className) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/page/pictures.svg#${name}`);
  svg.append(use);
  return svg;
}

export function sign(name) {
  return picture(`sign-${name}`, 'sign');
}

/**
 * A list that is drawn anew must not throw the keyboard out: whoever stood on `data-focus="x"` stands
 * there again, and if that is gone, on the fallback.
 */
export function redraw(container, children, fallback) {
  const stood = container.contains(document.activeElement) && document.activeElement.dataset.focus;
  container.replaceChildren(...children);
  if (!stood) return;
  const again = container.querySelector(`[data-focus="${CSS.escape(stood)}"]`);
  (again ?? fallback)?.focus();
}
