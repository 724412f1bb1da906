import { exitWith } from './exit-with.js';
import { readSettings } from './settings.js';
import { createShop, listen } from './shop.js';

try {
  const settings = readSettings(process.env);
  const app = await createShop(settings);
  // An orderly end is no failure: without this Nest would end by the signal, and not with 0.
  app.enableShutdownHooks(['SIGINT', 'SIGTERM'], { useProcessExit: true });
  const url = await listen(app, settings);
  console.log(`Corner Shop (${settings.platform}) listens on ${url}`);
} catch (error) {
  exitWith(error);
}
