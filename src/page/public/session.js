import { call } from './api.js';
import { change } from './shop.js';

/** Reads the session and, for somebody signed in, the devices. */
export async function refresh() {
  const session = await call('GET', '/api/session');
  const devices = session.signedIn ? await call('GET', '/api/devices') : [];
  change({ session, devices, readAt: Date.now() });
}

/** What was known is no longer true; what is true now is for `refresh` to find out. */
export function forgetSession() {
  change({ session: null, devices: [] });
}

export function isOperator(session) {
  return session?.fields.role === 'operator';
}
