import { SessionService } from 'nestjs-redis-session';
import { readSettings } from '../../src/settings.js';
import { createShop } from '../../src/shop.js';
import { describeWithSearch } from '../search/support/with-search.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/redis.js';
import { describeWithChromium, picture } from './support/chromium.js';
import { OperationsPage } from './support/operations-page.js';
import { type ShopProcess, useShopProcesses } from './support/shop-process.js';
import { sessionId } from './support/tokens.js';
import { useShopPages } from './support/use-shop-pages.js';
import { Visitor } from './support/visitor.js';

describeWithChromium('the page of the operators', () => {
  const redis = useRedis();
  const startShop = useShopProcesses();
  let shop: ShopProcess;
  const { open, closeAll } = useShopPages(() => shop.url);
  // A page that goes on looking would complain when the next test signs everybody out.
  afterEach(closeAll);

  const someone = async (name: string) => {
    const visitor = new Visitor(shop.url);
    expect((await visitor.signIn(name)).status).toBe(200);
    return visitor;
  };

  describe('is for operators', () => {
    beforeAll(async () => {
      shop = await startShop({ REDIS_URL: redis.url });
    });

    it('so nobody else finds a link to it', async () => {
      const { here } = await open();
      const link = here.page.getByRole('link', { name: 'Operations' });
      expect(await link.count()).toBe(0);
      await here.signIn('alice');
      expect(await link.count()).toBe(0);
    });

    it('and says so to whoever comes by its address', async () => {
      const { tab, here } = await open();
      await here.page.goto(`${shop.url}/operations`);
      await here.page.getByRole('heading', { name: 'This page is for operators' }).waitFor();
      await tab.screenshot('operations-stranger');
      await here.button('Sign in as an operator').click();
      await here.signInDialog.getByRole('button', { name: /^alice/ }).click();
      await here.page.keyboard.press('Enter');
      await here.reads('You are signed in as alice, who is none.');
      expect(await here.page.getByRole('region').count()).toBe(0);
    });
  });

  describe('without Search', () => {
    beforeAll(async () => {
      // Search answers for database 0 only: there it is missing, whichever server this is.
      shop = await startShop({ REDIS_URL: `${redis.url}/1` });
    });

    it('says what is missing, and that the rest works', async () => {
      const { tab, here } = await open();
      await here.signIn('olga');
      await here.page.goto(`${shop.url}/operations`);
      const heading = { name: 'Sessions cannot be searched at the moment' };
      await here.page.getByRole('heading', heading).waitFor();
      await here.reads(/Redis Search answers for database 0 only/);
      await here.reads('The rest of the shop needs no search');
      expect(await new OperationsPage(here.page).tenants.count()).toBe(0);
      await tab.screenshot('operations-without-search');
      await here.page.goto(shop.url);
      await here.greets('olga');
      await here.addToCart('Mountain tea');
      // Search would also count what lies in other databases, so no document is written there.
      await here.button('Sign out').click();
      await here.reads('You are signed out.');
      await eventually('every fault is struck off', async () => {
        while (tab.faults.some((fault) => fault.includes('503'))) await tab.expectFault('503');
        return tab.faults.length === 0;
      });
    });
  });

  describeWithSearch('for Olga', () => {
    let carol: Visitor;

    beforeAll(async () => {
      shop = await startShop({ REDIS_URL: redis.url });
    });
    // Everybody of an earlier test, or of a reader's own Redis, is signed out.
    beforeEach(async () => {
      for (const name of ['alice', 'bob', 'carol', 'olga']) {
        await (await someone(name)).send('POST', '/api/devices/sign-out-everywhere');
      }
      const alice = await someone('alice');
      await alice.addToCart('tea', 2);
      await someone('bob');
      carol = await someone('carol');
      await carol.addToCart('tea', 3);
      await carol.addToCart('mug', 1);
    });

    const olga = async (options = {}) => {
      const { tab, here } = await open(options);
      await here.signIn('olga');
      return { tab, here, there: await new OperationsPage(here.page).open() };
    };

    it('counts the sessions of each tenant, and counts on while she looks', async () => {
      const { tab, there } = await olga();
      await there.tenant('acme', '3 sessions').waitFor();
      await there.tenant('globex', '1 session').waitFor();
      await there.reads('4 sessions in 2 tenants');
      await tab.screenshot('operations-desktop');
      await someone('carol');
      await there.tenant('globex', '2 sessions').waitFor();
      await there.button('Pause').click();
      await there.reads(/^Paused$/);
      await someone('carol');
      await there.button('Go on').click();
      await there.tenant('globex', '3 sessions').waitFor();
      expect(await there.tenants.getByRole('listitem').count()).toBe(2);
    });

    it('lists who is signed in, and which of them she is', async () => {
      const { there } = await olga();
      const rows = there.people.getByRole('row');
      await rows.nth(4).waitFor();
      expect(await rows.nth(1).textContent()).toMatch(/^olgaacmeChrome.*You, here/);
      expect(await rows.count()).toBe(5);
      expect(await rows.filter({ hasText: 'carol' }).textContent()).toContain('globex');
    });

    it('takes a product out of all carts, after a question', async () => {
      const { tab, there } = await olga();
      await there.choose('Mountain tea');
      await there.reads('Mountain tea is in 2 carts.');
      const row = there.recall.getByRole('row').filter({ hasText: 'carol' });
      expect(await row.textContent()).toContain(sessionId(carol.token!));
      if (process.env['UPDATE_PICTURES'] === '1')
        await picture(there.page, 'docs/images/operations');
      await there.button('Take it out of all carts').click();
      const dialog = there.dialog('Take Mountain tea out of all carts?');
      await dialog.waitFor();
      await tab.screenshot('operations-question');
      expect(await there.focused()).toBe('Cancel');
      await there.page.keyboard.press('Enter');
      expect(await there.focused()).toBe('Take it out of all carts');
      expect((await carol.session()).body.cart).toHaveLength(2);
      await there.page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: 'Take it out' }).click();
      await there.reads('Mountain tea is out of 2 carts.');
      await there.reads('Mountain tea is in no cart.');
      expect((await carol.session()).body.cart).toEqual([{ sku: 'mug', quantity: 1 }]);
    });

    it('shows how far that is', async () => {
      await fillCarts(150);
      const { there } = await olga();
      await there.choose('Mountain tea');
      await there.reads('Mountain tea is in 152 carts, of which these are the newest 100.');
      await there.collectProgress();
      await there.button('Take it out of all carts').click();
      await there.page.getByRole('dialog').getByRole('button', { name: 'Take it out' }).click();
      await there.reads('Mountain tea is out of 152 carts.');
      const seen = await there.collectedProgress();
      expect(seen).toEqual(expect.arrayContaining(['50 of 152 carts', '152 of 152 carts']));
    });

    it('can be stopped on the way', async () => {
      const { tab, there } = await olga();
      await there.choose('Mountain tea');
      // The order never reaches the shop, so there is all the time to change one's mind.
      await there.page.route('**/api/operations/recall/*', (route) =>
        route.request().method() === 'POST' ? undefined : route.continue(),
      );
      await there.button('Take it out of all carts').click();
      await there.page.getByRole('dialog').getByRole('button', { name: 'Take it out' }).click();
      await there.recall.getByText('0 of 2 carts').waitFor();
      expect(await there.progress.getAttribute('max')).toBe('2');
      expect(await there.focused()).toBe('Stop');
      await tab.screenshot('operations-progress');
      await there.page.keyboard.press('Enter');
      await there.reads('Stopped. Mountain tea may be in some carts still.');
      expect(await there.progress.count()).toBe(0);
      expect((await carol.session()).body.cart).toHaveLength(2);
    });

    it('signs out a tenant, after a question, and not herself', async () => {
      const { there } = await olga();
      await there.button('Sign out acme').click();
      const dialog = there.dialog('Sign out acme?');
      await dialog.getByText('Operators stay signed in.').waitFor();
      // The list is drawn anew behind the dialog, and yet the keyboard finds its way back.
      await someone('carol');
      await there.tenants.getByText('5 sessions in 2 tenants').waitFor();
      await there.page.keyboard.press('Escape');
      await eventually('it is back', async () => (await there.focused()) === 'Sign out acme');
      await there.page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: 'Sign out acme' }).click();
      await there.reads('2 sessions of acme signed out.');
      await there.tenant('acme', '1 session').waitFor();
      await there.reads('3 sessions in 2 tenants');
      expect(await there.people.getByRole('row').filter({ hasText: 'acme' }).count()).toBe(1);
    });

    it('is told when she is signed out, and shows nothing any more', async () => {
      const { tab, there } = await olga();
      await there.people.getByRole('row').nth(4).waitFor();
      const elsewhere = await someone('olga');
      await elsewhere.send('POST', '/api/devices/sign-out-others');
      await there.reads(/You were signed out because you signed this device out/);
      await tab.expectFault('401');
      await there.reads('This page is for operators');
      // It had asked for two things at once.
      await tab.expectFault('401');
      expect(await there.people.count()).toBe(0);
      expect(await there.page.locator('#rooms').getByText('globex').count()).toBe(0);
    });

    it('fits on a phone without scrolling sideways, light and dark', async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { tab, here, there } = await olga({
          viewport: { width: 360, height: 740 },
          colorScheme,
        });
        await there.choose('Mountain tea');
        expect(await here.overflow()).toBe(0);
        await tab.screenshot(`operations-phone-${colorScheme}`);
        await there.people.scrollIntoViewIfNeeded();
        await tab.screenshot(`operations-phone-${colorScheme}-people`);
      }
    });

    it('is dark where the system is', async () => {
      const { tab, here, there } = await olga({ colorScheme: 'dark' });
      await there.choose('Mountain tea');
      await here.button('Use the light theme').waitFor();
      expect(await here.overflow()).toBe(0);
      await tab.screenshot('operations-dark');
    });

    /** Of guests: nobody has to wait for their passwords to be checked. */
    async function fillCarts(count: number): Promise<void> {
      const guests = Array.from({ length: count }, () => new Visitor(shop.url));
      await Promise.all(guests.map((guest) => guest.view()));
      const app = await (await createShop(readSettings({ REDIS_URL: redis.url }))).init();
      const service = app.get(SessionService);
      const cart = [{ sku: 'tea', quantity: 1 }];
      await Promise.all(guests.map(({ token }) => service.update(sessionId(token!), { cart })));
      await app.close();
    }
  });
});
