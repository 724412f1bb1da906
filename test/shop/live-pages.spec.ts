import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { describeWithChromium, type Tab } from './support/chromium.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { type ShopPageOptions, useShopPage } from './support/use-shop-page.js';
import { Visitor } from './support/visitor.js';

/** What happens in one page, others show without being asked: nobody clicks or loads anything in them. */
describeWithChromium('pages of the shop that are open at the same time', () => {
  const redis = useRedis();
  const startShop = useShopProcesses();
  let left: ShopProcess;
  let right: ShopProcess;
  const openPage = useShopPage(() => left.url);
  const opened: Tab[] = [];

  const startLeft = (env = {}) =>
    startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'left', ...env });
  beforeAll(async () => {
    [left, right] = await Promise.all([
      startLeft(),
      startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'right', HTTP_PLATFORM: 'fastify' }),
    ]);
  });
  // They would hear of what the next test does.
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ page }) => page.context().close()));
  });

  const open = async (options: ShopPageOptions = {}) => {
    const { tab, here } = await openPage(options);
    opened.push(tab);
    return { tab, here };
  };
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

  it('show what another tab puts into the cart, at another instance', async () => {
    const { tab, here } = await openAs('bob');
    const { here: beside } = await openBeside(tab);
    await here.addToCart('Mountain tea');
    await beside.quantity('Mountain tea', 1).waitFor();
    await beside.button('One Mountain tea more').click();
    await here.quantity('Mountain tea', 2).waitFor();
    expect(await here.fact('Answered by').textContent()).toBe('left');
    expect(await beside.fact('Answered by').textContent()).toBe('right');
    await here.scrollToTop();
    await tab.screenshot('live-cart');
  });

  it('list a device as soon as it signs in, and no longer than it is signed in', async () => {
    await forgetDevicesOf('alice');
    const { tab, here } = await openAs('alice');
    const { here: beside } = await openBeside(tab);
    const { here: there } = await openAs('alice', { at: right.url });
    for (const page of [here, beside]) await page.devices.getByRole('listitem').nth(1).waitFor();
    await there.button('Sign out').click();
    for (const page of [here, beside]) {
      await page.devices.getByRole('listitem').nth(1).waitFor({ state: 'detached' });
      expect(await page.alert.count()).toBe(0);
    }
  });

  it('say at once that their device was signed out, why, and how to go on', async () => {
    await forgetDevicesOf('alice');
    const { here } = await openAs('alice');
    const { tab, here: there } = await openAs('alice', { at: right.url });
    await there.addToCart('Linden honey');
    const others = here.devices.getByRole('listitem').filter({ hasNotText: 'This device' });
    await others.getByRole('button').click();
    await there.alert
      .getByText(/^You were signed out because you signed this device out/)
      .waitFor();
    await there.button('Sign in').first().waitFor();
    expect(await there.button('Sign out').count()).toBe(0);
    expect(await there.devices.count()).toBe(0);
    expect(await there.cart.getByText('Linden honey').count()).toBe(0);
    await there.live.waitFor({ state: 'hidden' });
    await there.scrollToTop();
    await tab.screenshot('live-signed-out');
    await there.alert.getByRole('button', { name: 'Sign in' }).click();
    await there.signInDialog.getByRole('button', { name: /^alice/ }).click();
    await there.page.keyboard.press('Enter');
    await there.greets('alice');
    await there.live.waitFor();
    await here.devices.getByRole('listitem').nth(1).waitFor();
  });

  it('are all signed out with the tab that signs out, which is told nothing that it knows', async () => {
    const { tab, here } = await openAs('carol');
    const { here: beside } = await openBeside(tab);
    await here.button('Sign out').click();
    await beside.alert.getByText('because you signed out in another tab').waitFor();
    await beside.button('Sign in').first().waitFor();
    await here.reads('You are signed out.');
    await here.live.waitFor({ state: 'hidden' });
    expect(await here.alert.count()).toBe(0);
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

  it('say so while they are told nothing, and find their way back by themselves', async () => {
    const { tab, here } = await openAs('bob');
    const { here: beside } = await openBeside(tab);
    await left.end('SIGKILL');
    await here.reconnecting.waitFor();
    await tab.screenshot('live-reconnecting');
    await beside.addToCart('Olive oil');
    left = await startLeft({ PORT: new URL(left.url).port });
    await here.quantity('Olive oil', 1).waitFor();
    await here.live.waitFor();
    expect(await here.alert.count()).toBe(0);
    tab.forgive('WebSocket connection to');
  });

  it('do not ask a hundred times when they are told of a hundred changes', async () => {
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
  });

  it('have room for saying so on a phone, in the dark', async () => {
    const { tab, here } = await openAs('alice', {
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    expect(await here.overflow()).toBe(0);
    await here.scrollToTop();
    await tab.screenshot('live-phone');
  });
});
