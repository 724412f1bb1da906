import { call } from './api.js';
import { ask } from './ask.js';
import { attempt } from './attempt.js';
import { byId, h, redraw } from './dom.js';
import { many } from './format.js';
import { say } from './messages.js';
import { look } from './operations-look.js';
import { drawWith } from './shop.js';

const SHOWN = 12;
const shares = new Map();

async function signOut(tenant) {
  const isSure = await ask({
    title: `Sign out ${tenant}?`,
    text: `Everybody of ${tenant} is signed out at once, on all devices. Operators stay signed in.`,
    action: `Sign out ${tenant}`,
  });
  if (!isSure) return;
  void attempt(async () => {
    const { revoked, missed } = await call('POST', '/api/operations/sign-out-tenant', { tenant });
    const left = missed ? ` ${many(missed, 'session')} kept changing and stayed: do it again.` : '';
    say(`${many(revoked, 'session')} of ${tenant} signed out.${left}`);
    await look();
  });
}

/** Grows from where it was. The length is set by a script, since the policy allows no styles in attributes. */
function bar(tenant, share) {
  const element = h('span', { class: 'chart-bar' });
  element.style.inlineSize = `${shares.get(tenant) ?? 0}%`;
  shares.set(tenant, share);
  requestAnimationFrame(() => {
    element.style.inlineSize = `${share}%`;
  });
  return element;
}

function row({ tenant, sessions }, most) {
  return h(
    'li',
    { class: 'chart-row' },
    h('strong', { class: 'chart-name' }, tenant),
    h('span', { class: 'chart-track' }, bar(tenant, (100 * sessions) / most)),
    h(
      'span',
      { class: 'chart-count' },
      String(sessions),
      h('span', { class: 'unseen' }, sessions === 1 ? ' session' : ' sessions'),
    ),
    h(
      'button',
      {
        class: 'button small',
        type: 'button',
        'aria-label': `Sign out ${tenant}`,
        'data-focus': `tenant ${tenant}`,
        onclick: () => void signOut(tenant),
      },
      'Sign out',
    ),
  );
}

export function startTenants() {
  const chart = byId('tenants-chart');
  const total = byId('tenants-total');
  let drawn = '';
  drawWith(({ tenants = [] }) => {
    const text = JSON.stringify(tenants);
    if (text === drawn) return;
    drawn = text;
    const most = tenants[0]?.sessions ?? 1;
    const shown = tenants.slice(0, SHOWN);
    redraw(
      chart,
      shown.map((tenant) => row(tenant, most)),
      byId('tenants-title'),
    );
    const sessions = tenants.reduce((sum, tenant) => sum + tenant.sessions, 0);
    const rest = tenants.length - shown.length;
    total.textContent = `${many(sessions, 'session')} in ${many(tenants.length, 'tenant')}${
      rest ? `, ${rest} of them not shown` : ''
    }`;
  });
}
