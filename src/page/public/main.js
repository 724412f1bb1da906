import { startAccount } from './account.js';
import { attempt } from './attempt.js';
import { startCart } from './cart.js';
import { startConfirmPassword } from './confirm-password.js';
import { startDevices } from './devices.js';
import { startLive } from './live.js';
import { startOperationsLink } from './operations-link.js';
import { startPassword } from './password.js';
import { startProductDialog } from './product-dialog.js';
import { startProducts } from './products.js';
import { startSessionEnded } from './session-ended.js';
import { startSessionPanel } from './session-panel.js';
import { refresh } from './session.js';
import { shop } from './shop.js';
import { startSignIn } from './sign-in.js';
import { startTheme } from './theme.js';

startTheme();
startSignIn();
startAccount();
startOperationsLink();
startCart();
startProducts();
startProductDialog();
startSessionPanel();
startSessionEnded();
startDevices();
startPassword();
startConfirmPassword();
startLive();
void attempt(refresh);

// Whoever comes back to this tab may have signed in or out in another one.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && shop.session) void attempt(refresh);
});
