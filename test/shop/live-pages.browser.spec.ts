import type { Route } from 'playwright-core';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { describeWithChromium, type Tab } from './support/chromium.js';
import type { ShopPage } from './support/shop-page.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { type ShopPageOptions, useShopPages } from './support/use-shop-pages.js';
import { Visitor } from './support/visitor.js';

/** The longer the shop was away, the longer a page may wait until it tries again: 30 seconds at most. */
const BACK_WITHIN_MS = 40_000;

/** What happens in one page, others show without being asked: nobody clicks or loads anything in them. */
describeWithChromium('pages of the shop that are open at the same time', () => {
  const redis = useRedis();
  const startShop = useShopProcesses();
  let left: ShopProcess;
  let right: ShopProcess;
  const { open, closeAll } = useShopPages(() => left.url);

  const startLeft = (env = {}) =>
    startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'left', ...env });
  beforeAll(async () => {
    [left, right] = await Promise.all([
      startLeft(),
      startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'right', HTTP_PLATFORM: 'fastify' }),
    ]);
  });
  const openAs = async (name: string, options: ShopPageOptions = {}) => {
    const { tab, here } = await open(options);
    await here.signIn(name);
    await here.live.waitFor();
    return { tab, here };
  };
  /** One more tab of the same browser, at the other instance. */
  const openBeside = async (beside: Tab) => {
    const { tab, here } = await open({ beside, at: right.url });
    await here.live.waitFor();
    return { tab, here };
  };
  /** Nobody of an earlier test, or of a reader's own Redis, is signed in as them. */
  const forgetDevicesOf = async (name: string) => {
    const visitor = new Visitor(left.url);
    await visitor.signIn(name);
    await visitor.send('POST', '/api/devices/sign-out-everywhere');
  };

  describe('as two tabs of one browser', () => {
    let tab: Tab;
    let here: ShopPage;
    let tabBeside: Tab;
    let beside: ShopPage;
    beforeAll(async () => {
      ({ tab, here } = await openAs('bob'));
      ({ tab: tabBeside, here: beside } = await openBeside(tab));
    });
    afterAll(closeAll);

    it('show what another tab puts into the cart, at another instance', async () => {
      await here.addToCart('Mountain tea');
      await beside.quantity('Mountain tea', 1).waitFor();
      await beside.button('One Mountain tea more').click();
      await here.quantity('Mountain tea', 2).waitFor();
      expect(await here.fact('Answered by').textContent()).toBe('left');
      expect(await beside.fact('Answered by').textContent()).toBe('right');
      await here.scrollToTop();
      await tab.screenshot('live-cart');
    });

    it('say so while they are told nothing, and find their way back by themselves', async () => {
      await left.end('SIGKILL');
      await here.reconnecting.waitFor();
      await tab.screenshot('live-reconnecting');
      await beside.addToCart('Olive oil');
      left = await startLeft({ PORT: new URL(left.url).port });
      await here.quantity('Olive oil', 1).waitFor({ timeout: BACK_WITHIN_MS });
      await here.live.waitFor();
      expect(await here.alert.count()).toBe(0);
      tab.forgive('WebSocket connection to');
      // It may have been about to ask when the shop went away.
      tab.forgive('net::ERR_');
    }, 90_000);

    it('do not take a button away between its press and its release', async () => {
      await here.button('One Mountain tea more').hover();
      await here.page.mouse.down();
      const asked = here.page.waitForResponse('**/api/devices');
      await beside.addToCart('Linden honey');
      await (await asked).finished();
      // What the page does with an answer comes before a timer.
      await here.page.evaluate('new Promise((done) => setTimeout(done, 50))');
      expect(await here.quantity('Linden honey', 1).count()).toBe(0);
      await here.page.mouse.up();
      await here.quantity('Mountain tea', 3).waitFor();
      await here.quantity('Linden honey', 1).waitFor();
    });

    it('are all signed out with the tab that signs out, which is told nothing that it knows', async () => {
      await here.button('Sign out').click();
      await beside.alert.getByText('because you signed out in another tab').waitFor();
      await beside.button('Sign in').first().waitFor();
      await here.reads('You are signed out.');
      await here.live.waitFor({ state: 'hidden' });
      expect(await here.alert.count()).toBe(0);
      tabBeside.forgiveAskingTooLate();
    });
  });

  describe('in several browsers', () => {
    afterEach(closeAll);

    it('list a device as soon as it signs in, and say on it at once that it was signed out', async () => {
      await forgetDevicesOf('alice');
      const { tab, here } = await openAs('alice');
      const { here: beside } = await openBeside(tab);
      const { tab: other, here: there } = await openAs('alice', { at: right.url });
      const secondOf = (page: ShopPage) => page.devices.getByRole('listitem').nth(1);
      for (const page of [here, beside]) await secondOf(page).waitFor();
      await there.addToCart('Linden honey');
      const others = here.devices.getByRole('listitem').filter({ hasNotText: 'This device' });
      await others.getByRole('button').click();
      await there.alert
        .getByText(/^You were signed out because you signed this device out/)
        .waitFor();
      await there.button('Sign in').first().waitFor();
      await there.live.waitFor({ state: 'hidden' });
      other.forgiveAskingTooLate();
      for (const gone of [there.button('Sign out'), there.devices, there.cart.getByRole('group')]) {
        expect(await gone.count()).toBe(0);
      }
      await there.scrollToTop();
      await other.screenshot('live-signed-out');
      await secondOf(beside).waitFor({ state: 'detached' });
      await there.alert.getByRole('button', { name: 'Sign in' }).click();
      await there.signInDialog.getByRole('button', { name: /^alice/ }).click();
      await there.page.keyboard.press('Enter');
      await there.greets('alice');
      await there.live.waitFor();
      for (const page of [here, beside]) await secondOf(page).waitFor();
    });

    it('say it, too, where the session ends while they are asking', async () => {
      await forgetDevicesOf('carol');
      const { here } = await openAs('carol');
      const { tab: other, here: there } = await openAs('carol', { at: right.url });
      let hold: (question: Route) => void;
      const held = new Promise<Route>((resolve) => (hold = resolve));
      await there.page.route('**/api/devices', (question) => hold(question), { times: 1 });
      await there.button('Read the session again').click();
      const question = await held;
      const others = here.devices.getByRole('listitem').filter({ hasNotText: 'This device' });
      await others.getByRole('button').click();
      await here.reads(/ is signed out\.$/);
      await question.continue();
      await there.alert
        .getByText(/^You were signed out because you signed this device out/)
        .waitFor();
      await there.button('Sign in').first().waitFor();
      expect(await there.button('Sign out').count()).toBe(0);
      await other.expectFault('/api/devices)');
    });

    it('follow a guest who signs in in another tab', async () => {
      const { tab, here } = await open();
      await here.button('Use the dark theme').click();
      await here.live.waitFor();
      const { here: beside } = await openBeside(tab);
      await here.signIn('olga');
      await beside.greets('olga');
      await beside.live.waitFor();
      await here.addToCart('Enamel mug');
      await beside.quantity('Enamel mug', 1).waitFor();
      expect(await beside.alert.count()).toBe(0);
    });

    it('do not ask a hundred times for a hundred changes, and not while nobody sees them', async () => {
      const { here } = await openAs('carol');
      let hint = (_times: number) => undefined as void;
      await here.page.routeWebSocket('**/live', (page) => {
        page.connectToServer();
        hint = (times) => {
          for (let i = 0; i < times; i++) page.send('{"event":"session"}');
        };
      });
      await here.page.reload();
      await here.live.waitFor();
      let asked = 0;
      here.page.on('request', (request) => {
        if (request.url().endsWith('/api/session')) asked++;
      });
      hint(100);
      await eventually('it asks', async () => asked > 0);
      // Clicks wait for what the page was asking before them.
      await here.addToCart('Beeswax candle');
      // For the socket, for those, after the click, and when that is heard of.
      expect(asked).toBeLessThan(10);
      const hide = (isHidden: boolean) =>
        here.page.evaluate(`
          Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        `);
      // A timer of the page comes after those that were set before it.
      const letTimersRun = () => here.page.evaluate('new Promise((done) => setTimeout(done, 200))');
      await hide(true);
      await letTimersRun();
      const askedBefore = asked;
      hint(1);
      await letTimersRun();
      expect(asked).toBe(askedBefore);
      await hide(false);
      await eventually('it asks when it is seen again', async () => asked > askedBefore);
    });
  });
});
