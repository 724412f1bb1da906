import { useRedis } from '../support/redis.js';
import { describeWithChromium, type Tab } from './support/chromium.js';
import { ageProof } from './support/proof.js';
import { ShopPage } from './support/shop-page.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { type OpenPage, useShopPages } from './support/use-shop-pages.js';
import { strangeToken } from './support/tokens.js';
import { Visitor } from './support/visitor.js';

describeWithChromium('the page of the shop keeps its people safe', () => {
  const redis = useRedis();
  const startShop = useShopProcesses();
  let shop: ShopProcess;
  const { open, closeAll } = useShopPages(() => shop.url);

  const begin = async (env = {}) => {
    shop = await startShop({ REDIS_URL: redis.url, ...env });
  };
  const tokenOf = async ({ page }: ShopPage) => {
    const cookies = await page.context().cookies();
    return cookies.find(({ name }) => name === 'id')?.value ?? '';
  };
  const expectReason = async ({ tab, here }: OpenPage, why: RegExp) => {
    await here.alert.getByText(why).waitFor();
    await here.button('Sign in').first().waitFor();
    tab.forgiveAskingTooLate();
  };

  describe('from a cookie that somebody planted before the sign-in', () => {
    beforeAll(() => begin());
    afterAll(closeAll);

    const expectWorthless = async (token: string) => {
      const { here } = await open();
      await here.page.context().addCookies([{ name: 'id', value: token, url: shop.url }]);
      await here.page.reload();
      await here.signIn('olga');
      expect(await tokenOf(here)).not.toBe(token);
      const attacker = new Visitor(shop.url);
      attacker.jar.cookies.set('id', token);
      expect((await attacker.session()).body).toMatchObject({ signedIn: false, fields: {} });
      expect((await attacker.devices()).status).toBe(401);
      await here.page.reload();
      await here.greets('olga');
    };

    it('when it is of a guest session that the other one began', async () => {
      const attacker = new Visitor(shop.url);
      await attacker.view();
      await expectWorthless(attacker.token!);
    });

    it('when it is made up', () => expectWorthless(strangeToken()));
  });

  describe('when Olga changes her password', () => {
    let tab: Tab;
    let here: ShopPage;
    let other: Tab;
    let there: ShopPage;
    const newPassword = () => here.password.getByLabel('New password');
    beforeAll(() => begin());
    afterAll(closeAll);

    it('tells her what is too short before it is sent', async () => {
      ({ tab, here } = await open());
      ({ tab: other, here: there } = await open());
      await here.signIn('olga');
      await here.button('Sign out the others').click();
      await here.reads(/signed (out|in)\.$/);
      await there.signIn('olga');
      await newPassword().fill('short');
      await here.button('Change password').click();
      expect(
        await newPassword().evaluate((field: { validity: { tooShort: boolean } }) => {
          return field.validity.tooShort;
        }),
      ).toBe(true);
    });

    it('asks for the current one when it was typed long ago', async () => {
      await ageProof(redis.client, await tokenOf(here), 301);
      await newPassword().fill('a quiet lane');
      await here.page.keyboard.press('Enter');
      await here.confirmDialog.waitFor();
      await tab.expectFault('401');
      await tab.screenshot('20-confirm');
      await here.confirmDialog.getByLabel('Current password').fill('wrong');
      await here.page.keyboard.press('Enter');
      await here.confirmDialog.getByText('The password is wrong.').waitFor();
      await tab.expectFault('401');
      expect(await here.page.locator(':focus').getAttribute('name')).toBe('password');
    });

    it('does nothing when she thinks better of it, and keeps what she typed', async () => {
      await here.page.keyboard.press('Escape');
      await here.confirmDialog.waitFor({ state: 'hidden' });
      expect(await newPassword().inputValue()).toBe('a quiet lane');
    });

    it('does it once she has confirmed, and says what became of the others', async () => {
      await here.button('Change password').click();
      await here.confirmDialog.getByLabel('Current password').fill('olga-pw');
      await tab.expectFault('401');
      await here.page.keyboard.press('Enter');
      await here.reads('Your password is changed. One other device is signed out.');
      expect(await newPassword().inputValue()).toBe('');
      await here.devices.getByRole('listitem').nth(1).waitFor({ state: 'detached' });
      await here.password.scrollIntoViewIfNeeded();
      await tab.screenshot('21-password-changed');
    });

    it('tells the other device why, at once and when it is loaded again', async () => {
      const why = /You were signed out because .* changed your password, on another device/;
      await expectReason({ tab: other, here: there }, why);
      await there.page.reload();
      await expectReason({ tab: other, here: there }, why);
      await other.screenshot('22-password-changed-elsewhere');
    });

    it('lets her in there with the new one only', async () => {
      await there.alert.getByRole('button', { name: 'Sign in' }).click();
      await there.signInDialog.getByLabel('Name').fill('olga');
      await there.signInDialog.getByLabel('Password').fill('olga-pw');
      await there.page.keyboard.press('Enter');
      await there.reads('The name or the password is wrong.');
      await other.expectFault('401');
      await there.signInDialog.getByLabel('Password').fill('a quiet lane');
      await there.page.keyboard.press('Enter');
      await there.greets('olga');
      expect(await there.alert.count()).toBe(0);
    });
  });

  it('has room for the password on a phone, in the dark and for the keyboard', async () => {
    await begin();
    const { tab, here } = await open({
      viewport: { width: 360, height: 740 },
      colorScheme: 'dark',
    });
    await here.signIn('olga');
    const field = here.password.getByLabel('New password');
    await here.tabTo(field, 60);
    await here.page.keyboard.type('a quiet lane');
    await here.tabTo(here.password.getByLabel('Show it'), 3);
    await here.page.keyboard.press('Space');
    expect(await field.getAttribute('type')).toBe('text');
    expect(await here.overflow()).toBe(0);
    await here.password.scrollIntoViewIfNeeded();
    await tab.screenshot('23-password-phone');
    await closeAll();
  });

  it('tells a device that had to make room for another one', async () => {
    await begin({ SESSION_LIMIT_PER_USER: '1' });
    const { tab, here } = await open();
    await here.signIn('olga');
    const { here: there } = await open();
    await there.signIn('olga');
    await expectReason({ tab, here }, /You were signed out because .* had to make room\./);
    await tab.screenshot('24-evicted');
    expect(await there.devices.getByRole('listitem').count()).toBe(1);
  });
});
