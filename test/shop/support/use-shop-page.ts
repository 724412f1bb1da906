import type { BrowserContextOptions } from 'playwright-core';
import { type Tab, useChromium } from './chromium.js';
import { ShopPage } from './shop-page.js';

/** Opens the shop in a real browser, each time as somebody new; what a page complains of fails the test. */
export function useShopPage(
  url: () => string,
): (options?: BrowserContextOptions) => Promise<{ tab: Tab; here: ShopPage }> {
  const openTab = useChromium();
  const tabs: Tab[] = [];
  afterEach(() => {
    const faults = tabs.flatMap((tab) => tab.faults);
    if (faults.length > 0) throw new Error(`The page reports:\n${faults.join('\n')}`);
  });
  return async (options = {}) => {
    const tab = await openTab(url(), options);
    tabs.push(tab);
    const here = new ShopPage(tab.page);
    await here.reads('Sourdough loaf');
    await here.reads('Answered by');
    return { tab, here };
  };
}
