import { attempt } from './attempt.js';
import { isNewerThan, refresh } from './session.js';

/** What comes together is asked for together. */
const GATHER_MS = 100;
/** When every open page has to ask, they do not all do it at once. */
const SPREAD_MS = 2000;

let hintedAt = 0;
let isAsking = false;

/** Something may have changed. However often this is told, there is one question under way, and at most one after it. */
export function hear(what) {
  hintedAt = performance.now();
  if (!isAsking) void ask(what);
}

async function ask(what) {
  isAsking = true;
  await pause(what === 'everything' ? SPREAD_MS * Math.random() : GATHER_MS);
  while (!isNewerThan(hintedAt) && !document.hidden) {
    await attempt(look);
    await pause(GATHER_MS);
  }
  isAsking = false;
}

/**
 * Nobody has asked for it, so nobody is asked to try again: when the shop is back, or its store, the page hears of it and looks
 * anew.
 */
async function look() {
  try {
    await refresh();
  } catch (error) {
    const isAway = error.status === 0 || error.status === 503;
    if (!isAway) throw error;
  }
}

function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
