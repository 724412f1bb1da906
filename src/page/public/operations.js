import { startAccount } from './account.js';
import { startAsk } from './ask.js';
import { call } from './api.js';
import { attempt } from './attempt.js';
import { startGate } from './operations-gate.js';
import { startLooking } from './operations-look.js';
import { startPeople } from './operations-people.js';
import { startRecall } from './operations-recall.js';
import { startTenants } from './operations-tenants.js';
import { startSessionEnded } from './session-ended.js';
import { refresh } from './session.js';
import { change } from './shop.js';
import { startSignIn } from './sign-in.js';
import { startTheme } from './theme.js';

startTheme();
startSignIn();
startAccount();
startSessionEnded();
startAsk();
startGate();
startTenants();
startRecall();
startPeople();
void attempt(async () => {
  change({ products: await call('GET', '/api/products') });
  await refresh();
});
startLooking();
