import { warn } from './messages.js';
import { forgetSession, refresh } from './session.js';
import { drawWith, shop } from './shop.js';
import { askToSignIn } from './sign-in.js';

const REASONS = {
  SESSION_REVOKED:
    'You were signed out because you signed this device out, or changed your password, on another device, or because an operator did.',
  SESSION_EVICTED:
    'You were signed out because you signed in on another device, and this one had to make room.',
  SESSION_SIGNED_OUT: 'You were signed out because you signed out in another tab.',
  SESSION_EXPIRED:
    'You were signed out because nothing happened here for too long, or because the longest time was over.',
  SESSION_RENEWED: 'Your session went on with a new key in another tab.',
};

/** What was wanted when the shop said 401 is done after the sign-in. */
export function sessionEnded(code, afterwards) {
  const believedSignedIn = shop.session?.signedIn;
  // The other tab shares its cookie with this one, so the same wish may well be granted now.
  if (code === 'SESSION_RENEWED' && believedSignedIn) warn(reason(code), 'Try again', afterwards);
  else
    tell(believedSignedIn || code in REASONS ? reason(code) : 'Please sign in first.', afterwards);
  forgetSession();
  refresh().catch(() => {});
}

function reason(code) {
  return (
    REASONS[code] ??
    'Your session has ended: it was signed out elsewhere, or nothing happened for too long.'
  );
}

function tell(text, afterwards) {
  warn(text, 'Sign in', () => askToSignIn({ afterwards }));
}

/**
 * Somebody signed out elsewhere is told as soon as the page hears of it, comes back into sight or is loaded again. A wanted sign-out forgets
 * the session first, so going from a user straight to none is a surprise.
 */
export function startSessionEnded() {
  let before;
  drawWith(({ session }) => {
    const isFirstLook = before === undefined;
    if (isFirstLook && !session) return;
    const isSurprise = isFirstLook ? session.endedCode : before?.signedIn;
    if (session?.signedIn === false && isSurprise) tell(reason(session.endedCode));
    before = session;
  });
}
