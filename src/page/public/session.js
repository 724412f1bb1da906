import { call } from './api.js';
import { change } from './shop.js';

let round = 0;
let askedAt = 0;

/**
 * Reads the session and, for somebody signed in, the devices. Only the answer to the last question counts: an earlier
 * one may come later. `endedCode` is why the session is over, which the shop cannot say to a browser without a cookie.
 */
export async function refresh({ endedCode } = {}) {
  const mine = ++round;
  askedAt = performance.now();
  const session = await call('GET', '/api/session');
  const devices = session.signedIn ? await call('GET', '/api/devices') : [];
  if (mine !== round) return;
  if (!session.signedIn) session.endedCode ??= endedCode;
  change({ session, devices, readAt: Date.now() });
}

/** Whether what is known, or asked for, is as it was at that moment or newer. */
export function isNewerThan(moment) {
  return askedAt > moment;
}

/** What was known is no longer true; what is true now is for `refresh` to find out. */
export function forgetSession() {
  change({ session: null, devices: [] });
}

export function isOperator(session) {
  return session?.fields.role === 'operator';
}
