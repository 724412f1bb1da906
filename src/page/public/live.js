import { attempt, lookAgain } from './attempt.js';
import { byId } from './dom.js';
import { hear } from './hints.js';
import { refresh } from './session.js';
import { drawWith } from './shop.js';

/** The shop closes a socket with it when its session is over; the reason says why. */
const SESSION_ENDED = 4401;
/** A socket that was open for so long was well. */
const WELL_AFTER_MS = 5000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

const WORDS = {
  live: 'Live: follows your other tabs and devices',
  lost: 'Reconnecting: what happens elsewhere is shown a little later',
  none: '',
};

const live = byId('live');
const words = byId('live-words');
let socket;
let timer;
let openedAt;
let tries = 0;

function show(state) {
  live.dataset.state = state;
  const text = WORDS[state];
  // Said again only when it changes: it is read out.
  if (words.textContent !== text) words.textContent = text;
}

function open() {
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live`);
  socket.addEventListener('open', opened);
  socket.addEventListener('message', ({ data }) => hear(JSON.parse(data).event));
  socket.addEventListener('close', closed);
}

function opened({ target }) {
  // It was given up already.
  if (target !== socket) return target.close();
  openedAt = performance.now();
  show('live');
  // Of what happened until now nobody told.
  hear();
}

function closed({ code, reason, target }) {
  if (target !== socket) return;
  if (performance.now() - openedAt > WELL_AFTER_MS) tries = 0;
  [socket, openedAt] = [];
  if (code !== SESSION_ENDED) {
    // The first time it is mostly back before anybody notices.
    if (tries > 0) show('lost');
    later(open);
  } else if (reason === 'SESSION_SIGNED_IN' || reason === 'SESSION_REQUIRED') {
    // The browser gets another cookie, or has it by now.
    later(lookAgain);
  } else {
    void attempt(() => refresh({ endedCode: reason }));
  }
}

/** Waits longer each time, and not just as long as all the other tabs that lost their sockets at the same moment. */
function later(act) {
  clearTimeout(timer);
  const wait = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
  tries += 1;
  timer = setTimeout(() => {
    timer = undefined;
    act();
  }, wait);
}

function giveUp() {
  clearTimeout(timer);
  // One that is not open yet is closed when it is: before, a browser takes that for a fault.
  if (socket?.readyState === WebSocket.OPEN) socket.close();
  [socket, timer] = [];
  show('none');
}

/** One socket as long as there is a session; without one there is nothing to be told. */
export function startLive() {
  drawWith(({ session }) => {
    // Not known at the moment.
    if (!session) return;
    if (session.id) {
      if (!socket && !timer) open();
      return;
    }
    giveUp();
    // It went on in another tab, and the new cookie is on its way.
    if (session.endedCode === 'SESSION_RENEWED') later(lookAgain);
  });
}
