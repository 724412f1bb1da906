import { warn } from './messages.js';
import { forgetSession, refresh } from './session.js';
import { drawWith, shop } from './shop.js';
import { askToSignIn } from './sign-in.js';

const REASONS = {
  SESSION_REVOKED: 'You were signed out from another device.',
  SESSION_EVICTED: 'You signed in on another device, and this one had to make room.',
  SESSION_SIGNED_OUT: 'You signed out in another tab.',
};

/** What was wanted when the shop said 401 is done after the sign-in. */
export function sessionEnded(code, afterwards) {
  const text = shop.session?.signedIn ? ended(code) : 'Please sign in first.';
  tell(text, afterwards);
  forgetSession();
  refresh().catch(() => {});
}

function ended(code) {
  return (
    REASONS[code] ??
    'Your session has ended: it was signed out elsewhere, or nothing happened for too long.'
  );
}

function tell(text, afterwards) {
  warn(text, 'Sign in', () => askToSignIn({ afterwards }));
}

/** A wanted sign-out forgets the session first; going from a user straight to none is a surprise. */
export function startSessionEnded() {
  let before = null;
  drawWith(({ session }) => {
    if (before?.signedIn && session?.signedIn === false) tell(ended());
    before = session;
  });
}
