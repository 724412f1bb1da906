import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { describeWithChromium, picture, type Tab } from './support/chromium.js';
import { ShopPage } from './support/shop-page.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { useShopPages } from './support/use-shop-pages.js';
import { Visitor } from './support/visitor.js';

describeWithChromium('the page of the shop', () => {
  const redis = useRedis();
  const startShop = useShopProcesses();
  let shop: ShopProcess;
  const { open } = useShopPages(() => shop.url);

  beforeAll(async () => {
    shop = await startShop({ REDIS_URL: redis.url, INSTANCE_NAME: 'corner-1' });
    // A Redis of the reader's own may know Alice from an earlier run.
    const alice = new Visitor(shop.url);
    await alice.signIn('alice');
    await alice.send('POST', '/api/devices/sign-out-everywhere');
  });

  describe('for Alice', () => {
    let tab: Tab;
    let here: ShopPage;
    let other: Tab;
    let there: ShopPage;

    it('shows the products, and that a guest has no session yet', async () => {
      ({ tab, here } = await open());
      expect(await here.page.getByRole('listitem').filter({ hasText: '€' }).count()).toBe(9);
      await here.reads(/You have none yet, and so there is no cookie either/);
      expect(await here.page.context().cookies()).toEqual([]);
      await tab.screenshot('01-guest');
    });

    it('counts the products that a guest looks at', async () => {
      for (const [index, product] of ['Mountain tea', 'Linden honey'].entries()) {
        await here.button(product).click();
        await here.reads(`Products looked at in this session: ${index + 1}`);
        if (index === 0) await tab.screenshot('02-product');
        await here.page.keyboard.press('Escape');
      }
      expect(await here.fact('Belongs to').textContent()).toBe('a visitor');
    });

    it('turns dark for a guest who wants it dark', async () => {
      const background = () =>
        here.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const light = await background();
      await here.button('Use the dark theme').click();
      await here.button('Use the light theme').waitFor();
      expect(await here.theme()).toBe('dark');
      await eventually('the page is dark', async () => (await background()) !== light);
      await tab.screenshot('03-dark-guest');
    });

    it('says when the password is wrong, and greets her when it is right', async () => {
      await here.button('Sign in').click();
      await here.signInDialog.getByLabel('Name').fill('alice');
      await here.signInDialog.getByLabel('Password').fill('wrong');
      await here.page.keyboard.press('Enter');
      await here.reads('The name or the password is wrong.');
      await tab.expectFault('401');
      await tab.screenshot('04-sign-in');
      await here.page.keyboard.press('Escape');
      await here.signIn('alice');
      expect(await here.theme()).toBe('dark');
      await here.reads('"dark"');
    });

    it('fills her cart and changes what is in it', async () => {
      await here.addToCart('Sourdough loaf');
      await here.addToCart('Olive oil');
      await here.button('One Olive oil more').click();
      await here.quantity('Olive oil', 2).waitFor();
      await here.addToCart('Enamel mug');
      await here.button('Remove Enamel mug').click();
      await here.cart.getByText('Enamel mug').waitFor({ state: 'detached' });
      // One loaf and two bottles.
      await here.cart.getByText('€33.80').waitFor();
      expect(await here.cart.getByRole('group').count()).toBe(2);
      await tab.screenshot('05-cart');
    });

    it('shows her session as it is in Redis', async () => {
      const id = (await here.fact('Session id').textContent()) ?? '';
      expect(id).toMatch(/^[\w-]{32}$/);
      expect(await here.fact('Belongs to').textContent()).toBe('alice (acme)');
      expect(await here.fact('Answered by').textContent()).toBe('corner-1');
      const command = await here.session.getByText('HGETALL').textContent();
      const key = command!.replace('HGETALL ', '');
      expect(key).toContain(id);
      expect(await redis.client.hget(key, 'cart')).toBe(
        '[{"sku":"bread","quantity":1},{"sku":"oil","quantity":2}]',
      );
      const timeLeft = () => here.page.locator('#time-left').textContent();
      const before = await timeLeft();
      expect(before).toMatch(/(\d+ min|\d+ s) left if you do nothing/);
      await eventually('the countdown moves', async () => (await timeLeft()) !== before);
      await here.session.scrollIntoViewIfNeeded();
      await tab.screenshot('06-session');
    });

    it('keeps everything when she loads it again', async () => {
      await here.page.reload();
      await here.greets('alice');
      await here.quantity('Olive oil', 2).waitFor();
      expect(await here.theme()).toBe('dark');
    });

    it('lists both devices when she signs in on another one', async () => {
      ({ tab: other, here: there } = await open());
      await there.signIn('alice');
      await here.devices.getByRole('listitem').nth(1).waitFor();
      expect(await here.devices.getByRole('listitem').count()).toBe(2);
      expect(await here.devices.getByText('This device').count()).toBe(1);
      await here.devices.scrollIntoViewIfNeeded();
      await tab.screenshot('07-devices');
    });

    it('signs the other one out, which is told at its next action where it has no socket', async () => {
      await there.goWithoutSockets();
      await there.greets('alice');
      const otherDevice = here.devices.getByRole('listitem').filter({ hasNotText: 'This device' });
      await otherDevice.getByRole('button').click();
      await here.reads(/^Chrome.* is signed out\.$/);
      await here.devices.getByRole('listitem').nth(1).waitFor({ state: 'detached' });
      await there.button('Add Mountain tea to the cart').click();
      await there.alert
        .getByText('You were signed out because you signed this device out')
        .waitFor();
      await other.expectFault('401');
      await there.button('Sign in').first().waitFor();
      expect(await there.button('Sign out').count()).toBe(0);
      await other.screenshot('08-signed-out-elsewhere');
    });

    it('does what the other one wanted, once she has signed in there again', async () => {
      await there.alert.getByRole('button', { name: 'Sign in' }).click();
      await there.signInDialog.getByRole('button', { name: /^alice/ }).click();
      await there.page.keyboard.press('Enter');
      await there.greets('alice');
      await there.quantity('Mountain tea', 1).waitFor();
      expect(await there.alert.count()).toBe(0);
    });

    it('forgets her when she signs out', async () => {
      await here.button('Sign out').click();
      await here.reads('You are signed out.');
      await here.button('Sign in').waitFor();
      await here.reads(/You have none yet/);
      expect(await here.page.context().cookies()).toEqual([]);
      await here.page.reload();
      await here.button('Sign in').waitFor();
      await tab.screenshot('09-signed-out');
    });
  });

  it('can be signed in to with the keyboard alone', async () => {
    const { here } = await open();
    const { keyboard } = here.page;
    await here.tabTo(here.button('Sign in'));
    await keyboard.press('Enter');
    await here.tabTo(here.signInDialog.getByLabel('Name'));
    await keyboard.type('alice');
    await here.tabTo(here.signInDialog.getByLabel('Password'));
    await keyboard.type('alice-pw');
    await keyboard.press('Enter');
    await here.greets('alice');
    expect(await here.signInDialog.count()).toBe(0);
  });

  it('does not do again what was done, where only the look at it failed', async () => {
    const { tab, here } = await open();
    await here.signIn('carol');
    // It would be told to look by those.
    await here.goWithoutSockets();
    const fail = { status: 503, json: { statusCode: 503, code: 'SESSION_STORE' } };
    await here.page.route('**/api/session', (route) => route.fulfill(fail), { times: 1 });
    const added: string[] = [];
    here.page.on('request', (request) => {
      if (request.url().endsWith('/api/cart')) added.push(request.postData() ?? '');
    });
    await here.addToCart('Alpine cheese');
    await here.alert.getByRole('button', { name: 'Try again' }).click();
    await tab.expectFault('503');
    // A click waits for what was wanted before it.
    await here.button('One Alpine cheese more').click();
    await here.quantity('Alpine cheese', 2).waitFor();
    expect(added).toEqual(['{"sku":"cheese","quantity":1}']);
    expect(await here.alert.count()).toBe(0);
  });

  it('fits on a phone without scrolling sideways', async () => {
    const { tab, here } = await open({ viewport: { width: 360, height: 740 } });
    expect(await here.overflow()).toBe(0);
    await tab.screenshot('10-phone-guest');
    await here.signIn('alice');
    await here.addToCart('Vine tomatoes');
    await here.devices.getByRole('listitem').first().waitFor();
    expect(await here.overflow()).toBe(0);
    await here.cart.scrollIntoViewIfNeeded();
    await tab.screenshot('11-phone-cart');
    await here.button('Alpine cheese').click();
    await here.reads(/Products looked at/);
    expect(await here.overflow()).toBe(0);
    await tab.screenshot('12-phone-product');
  });

  it('is dark from the start where the system is', async () => {
    const { tab, here } = await open({ colorScheme: 'dark' });
    await here.button('Use the light theme').waitFor();
    await here.signIn('alice');
    expect(await here.theme()).toBe('system');
    await here.addToCart('Beeswax candle');
    await here.scrollToTop();
    await tab.screenshot('13-dark');
  });

  it('looks like its picture in the README', async () => {
    const { tab, here } = await open({ viewport: { width: 1280, height: 1100 } });
    await here.signIn('alice');
    await here.addToCart('Sourdough loaf');
    await here.addToCart('Olive oil');
    // Without the message that the last product is in the cart, and from the top.
    await here.page.reload();
    await here.quantity('Olive oil', 1).waitFor();
    await here.devices.getByRole('listitem').first().waitFor();
    await here.live.waitFor();
    expect(await here.overflow()).toBe(0);
    await here.scrollToTop();
    await tab.screenshot('14-readme');
    if (process.env['UPDATE_PICTURES'] === '1') await picture(here.page, 'docs/images/shop');
  });
});
