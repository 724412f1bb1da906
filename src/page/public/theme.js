import { call } from './api.js';
import { attempt, lookAgain } from './attempt.js';
import { byId, sign } from './dom.js';
import { drawWith, shop } from './shop.js';

const root = document.documentElement;
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function shownTheme() {
  const { theme } = root.dataset;
  if (theme === 'dark' || theme === 'light') return theme;
  return systemIsDark.matches ? 'dark' : 'light';
}

/** The session decides; the browser keeps a copy for the first paint of the next visit only. */
function show(theme) {
  root.dataset.theme = theme ?? 'system';
  if (theme) localStorage.setItem('theme', theme);
  else localStorage.removeItem('theme');
}

/** While the session is unknown the page stays as it is, rather than flicker. */
function draw({ session }) {
  if (session) show(session.theme);
  const other = shownTheme() === 'dark' ? 'light' : 'dark';
  const button = byId('theme-button');
  button.setAttribute('aria-label', `Use the ${other} theme`);
  button.title = `Use the ${other} theme`;
  button.replaceChildren(sign(other === 'dark' ? 'moon' : 'sun'));
}

export function startTheme() {
  drawWith(draw);
  systemIsDark.addEventListener('change', () => draw(shop));
  byId('theme-button').addEventListener('click', () => {
    const theme = shownTheme() === 'dark' ? 'light' : 'dark';
    void attempt(async () => {
      await call('PUT', '/api/theme', { theme });
      lookAgain();
    });
  });
}
