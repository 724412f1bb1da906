import type { Locator, Page } from 'playwright-core';

/** What people see on the page of the shop and do there, by the words that they read. */
export class ShopPage {
  readonly signInDialog: Locator;
  readonly cart: Locator;
  readonly session: Locator;
  readonly devices: Locator;
  readonly password: Locator;
  readonly confirmDialog: Locator;
  readonly alert: Locator;
  /** That it is told of what happens elsewhere. */
  readonly live: Locator;
  readonly reconnecting: Locator;

  constructor(readonly page: Page) {
    this.signInDialog = page.getByRole('dialog', { name: 'Sign in' });
    this.cart = page.getByRole('region', { name: 'Your cart' });
    this.session = page.getByRole('region', { name: 'Your session in Redis' });
    this.devices = page.getByRole('region', { name: 'Where you are signed in' });
    this.password = page.getByRole('region', { name: 'Your password' });
    this.confirmDialog = page.getByRole('dialog', { name: 'Is it still you?' });
    this.live = page.getByText('Live: follows your other tabs and devices');
    this.reconnecting = page.getByText('Reconnecting: what happens elsewhere');
    this.alert = page.getByRole('alert').filter({ has: page.getByRole('button') });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Waits until it can be read. */
  async reads(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async signIn(name: string): Promise<void> {
    await this.button('Sign in').click();
    await this.signInDialog.getByLabel('Name').fill(name);
    await this.signInDialog.getByLabel('Password').fill(`${name}-pw`);
    await this.signInDialog.getByRole('button', { name: 'Sign in' }).click();
    await this.greets(name);
  }

  async greets(name: string): Promise<void> {
    await this.page.getByRole('heading', { name: `Good to see you, ${name}.` }).waitFor();
  }

  async addToCart(product: string): Promise<void> {
    await this.button(`Add ${product} to the cart`).click();
    await this.quantity(product, 1).waitFor();
  }

  quantity(product: string, count: number): Locator {
    return this.cart
      .getByRole('group', { name: `Quantity of ${product}` })
      .getByLabel(`${count} in the cart`, { exact: true });
  }

  /** From now on its sockets are closed at once, as by a proxy that knows none. */
  async goWithoutSockets(): Promise<void> {
    await this.page.routeWebSocket('**/live', (socket) => socket.close());
    await this.page.reload();
    await this.reads('Answered by');
  }

  /** The value beside a term in the panel that shows the session. */
  fact(term: string): Locator {
    return this.session.locator('dl > div').filter({ hasText: term }).locator('dd');
  }

  theme(): Promise<string> {
    return this.page.evaluate<string>('document.documentElement.dataset.theme');
  }

  /** How many pixels it is too wide for its window. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  }

  async scrollToTop(): Promise<void> {
    await this.page.evaluate('scrollTo({ top: 0, behavior: "instant" })');
  }

  /** Presses Tab until it stands there, as often as a page may ask of somebody. */
  async tabTo(target: Locator, atMost = 25): Promise<void> {
    const isThere = () => target.evaluate((element) => element.matches(':focus'));
    for (let i = 0; i < atMost && !(await isThere()); i++) await this.page.keyboard.press('Tab');
    if (!(await isThere())) throw new Error(`Tab does not lead to ${target.toString()}.`);
  }
}
