import { type Tab, type TabOptions, useChromium } from './chromium.js';
import { ShopPage } from './shop-page.js';

export interface ShopPageOptions extends TabOptions {
  /** Another instance of the shop. */
  readonly at?: string;
}

export interface OpenPage {
  readonly tab: Tab;
  readonly here: ShopPage;
}

/** Opens the shop in a real browser, each time as somebody new; what a page complains of fails the test. */
export function useShopPage(url: () => string): (options?: ShopPageOptions) => Promise<OpenPage> {
  const openTab = useChromium();
  const tabs: Tab[] = [];
  afterEach(() => {
    const faults = tabs.flatMap((tab) => tab.faults);
    if (faults.length > 0) throw new Error(`The page reports:\n${faults.join('\n')}`);
  });
  return async ({ at = url(), ...options } = {}) => {
    const tab = await openTab(at, options);
    tabs.push(tab);
    const here = new ShopPage(tab.page);
    await here.reads('Sourdough loaf');
    await here.reads('Answered by');
    return { tab, here };
  };
}
