import { confirmPassword } from './confirm-password.js';
import { hideWarning, say, warn } from './messages.js';
import { refresh } from './session.js';
import { sessionEnded } from './session-ended.js';

const waiting = [];
let queue = Promise.resolve();

/** Clicks are done one after the other, in their order, so that each sees what the one before left. */
export function attempt(work) {
  queue = queue.then(() => work()).catch((error) => explain(error, work));
  return queue;
}

/** Shows what has become of it. A wish of its own, so that what was done is not done again when only the look at it failed. */
export function lookAgain() {
  void attempt(refresh);
}

/** What can be done about it; `work` is what was wanted. */
export function explain(error, work) {
  if (error.code === 'SESSION_NOT_FRESH') {
    confirmPassword(() => attempt(work));
  } else if (error.status === 401) {
    sessionEnded(error.code, () => attempt(work));
  } else if (error.status === 503 || error.status === 0) {
    waiting.push(work);
    warn(error.message, 'Try again', retry);
  } else {
    say(error.message);
  }
}

/** Nothing that was asked for is lost: all of it waits and is tried again together. */
function retry() {
  hideWarning();
  for (const work of waiting.splice(0)) void attempt(work);
}
