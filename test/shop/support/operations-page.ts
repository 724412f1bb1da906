import type { Locator, Page } from 'playwright-core';

/** What operators see on their page and do there, by the words that they read. */
export class OperationsPage {
  readonly tenants: Locator;
  readonly recall: Locator;
  readonly people: Locator;
  readonly product: Locator;
  readonly progress: Locator;

  constructor(readonly page: Page) {
    this.tenants = page.getByRole('region', { name: 'Sessions per tenant' });
    this.recall = page.getByRole('region', { name: 'Recall a product' });
    this.people = page.getByRole('region', { name: 'Who is signed in' });
    this.product = this.recall.getByRole('combobox', { name: 'Product' });
    this.progress = this.recall.getByRole('progressbar');
  }

  /** By the link in the header of the shop. */
  async open(): Promise<this> {
    await this.page.getByRole('link', { name: 'Operations' }).click();
    await this.tenants.waitFor();
    return this;
  }

  async choose(product: string): Promise<void> {
    await this.product.selectOption(product);
    await this.recall.getByText(`${product} is in`).waitFor();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** The question before something that cannot be undone. */
  dialog(name: string): Locator {
    return this.page.getByRole('dialog', { name });
  }

  /** A line of the chart, once it says so. */
  tenant(name: string, sessions: string): Locator {
    return this.tenants.getByRole('listitem').filter({ hasText: `${name}${sessions}` });
  }

  /** Waits until it can be read. */
  async reads(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** From now on all that it says of its progress is kept, however quickly it passes. */
  async collectProgress(): Promise<void> {
    await this.page.evaluate(`{
      const words = document.getElementById('recall-done');
      globalThis.progress = [];
      new MutationObserver(() => progress.push(words.textContent)).observe(words, { childList: true });
    }`);
  }

  collectedProgress(): Promise<string[]> {
    return this.page.evaluate<string[]>('progress');
  }

  /** What the keyboard stands on, by its words. */
  focused(): Promise<string> {
    return this.page.evaluate<string>(
      'document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()',
    );
  }
}
