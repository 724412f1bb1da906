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

export interface ShopPages {
  /** Each time as somebody new. */
  open(this: void, options?: ShopPageOptions): Promise<OpenPage>;
  /** They would hear of what the next test does. */
  closeAll(this: void): Promise<void>;
}

/** Opens the shop in a real browser; what a page complains of fails the test. */
export function useShopPages(url: () => string): ShopPages {
  const openTab = useChromium();
  const tabs: Tab[] = [];
  afterEach(() => {
    const faults = tabs.flatMap((tab) => tab.faults);
    // Told once: the next test is about something else.
    for (const tab of tabs) tab.forgive('');
    if (faults.length > 0) throw new Error(`A page reports:\n${faults.join('\n')}`);
  });
  const open = async ({ at = url(), ...options }: ShopPageOptions = {}) => {
    const tab = await openTab(at, options);
    tabs.push(tab);
    const here = new ShopPage(tab.page);
    await here.reads('Sourdough loaf');
    await here.reads('Answered by');
    return { tab, here };
  };
  const closeAll = async () => {
    const contexts = new Set(tabs.map(({ page }) => page.context()));
    await Promise.all([...contexts].map((context) => context.close()));
  };
  return { open, closeAll };
}
