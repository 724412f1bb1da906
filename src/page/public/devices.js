import { signOut } from './account.js';
import { signOfAgent } from './agent.js';
import { call } from './api.js';
import { attempt, lookAgain } from './attempt.js';
import { byId, h, redraw, sign } from './dom.js';
import { ago, duration, othersSignedOut } from './format.js';
import { say } from './messages.js';
import { forgetSession } from './session.js';
import { drawWith } from './shop.js';

function signOutDevice({ id, current }, name) {
  if (current) return signOut();
  return attempt(async () => {
    const wasEnded = await call('DELETE', `/api/devices/${id}`).then(
      () => true,
      (error) => {
        if (error.status !== 404) throw error;
        return false;
      },
    );
    say(wasEnded ? `${name} is signed out.` : `${name} was not signed in any more.`);
    lookAgain();
  });
}

function signOutOthers() {
  return attempt(async () => {
    const { signedOut } = await call('POST', '/api/devices/sign-out-others');
    say(othersSignedOut(signedOut));
    lookAgain();
  });
}

function signOutEverywhere() {
  return attempt(async () => {
    await call('POST', '/api/devices/sign-out-everywhere');
    forgetSession();
    say('You are signed out everywhere.');
    lookAgain();
  });
}

function deviceRow(device) {
  const { name = 'Unknown program' } = device;
  const facts = [
    device.address,
    `signed in ${ago(device.createdAt)}`,
    `last seen ${ago(device.lastSeenAt)}`,
    `ends in ${duration(device.expiresInSeconds)}`,
  ];
  return h(
    'li',
    { class: 'device card' },
    h('span', { class: 'device-sign' }, sign(signOfAgent(device.agent))),
    h(
      'div',
      { class: 'device-text' },
      h(
        'p',
        { class: 'device-name', title: device.agent },
        h('strong', {}, name),
        device.current && h('span', { class: 'badge' }, 'This device'),
      ),
      h(
        'p',
        { class: 'device-facts quiet' },
        facts.filter(Boolean).map((fact) => h('span', {}, fact)),
      ),
    ),
    h(
      'button',
      {
        class: 'button small',
        type: 'button',
        'aria-label': `Sign out ${name}${device.current ? ', this device' : ''}`,
        'data-focus': device.id,
        onclick: () => signOutDevice(device, name),
      },
      'Sign out',
    ),
  );
}

export function startDevices() {
  byId('sign-out-others').addEventListener('click', signOutOthers);
  byId('sign-out-everywhere').addEventListener('click', signOutEverywhere);
  drawWith(({ session, devices }) => {
    const shown = session?.signedIn === true;
    byId('devices').hidden = !shown;
    byId('devices-link').hidden = !shown;
    byId('sign-out-others').hidden = devices.length < 2;
    redraw(byId('devices-list'), devices.map(deviceRow), byId('devices-title'));
  });
}
