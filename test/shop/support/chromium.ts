import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { eventually } from '../../support/eventually.js';
import { projectFolder } from '../../../src/project-folder.js';

const PATIENCE_MS = 10_000;
const executablePath = process.env['CHROMIUM'] || '/usr/bin/chromium';
const isRequired = process.env['BROWSER_REQUIRED'] === '1';

/** Without a browser its tests are reported as skipped, with the reason; where one must be there, they fail. */
export const describeWithChromium =
  isRequired || existsSync(executablePath)
    ? describe
    : (name: string, run: () => void) =>
        describe.skip(`${name} (there is no Chromium at ${executablePath}: set CHROMIUM)`, run);

/** A page, and everything that went wrong in it. */
export interface Tab {
  readonly page: Page;
  /** Console errors, exceptions and failed requests, but for those that were expected. */
  readonly faults: readonly string[];
  /** Waits for a fault that belongs to the story, and strikes it off. */
  expectFault(words: string): Promise<void>;
  /** Strikes off all faults of a kind of which nobody can say how many there are. */
  forgive(words: string): void;
  /**
   * For a tab whose session was ended elsewhere. It asks for the session and then for the devices: where the end comes between
   * the two, the second is answered with 401, and the browser says so. No other 401 is struck off.
   */
  forgiveAskingTooLate(): void;
  screenshot(name: string): Promise<void>;
}

export interface TabOptions extends BrowserContextOptions {
  /** The tab is one more of the same browser, with the same cookies. */
  readonly beside?: Tab;
}

export type OpenTab = (url: string, options?: TabOptions) => Promise<Tab>;

/** Opens pages, each in a browser context of its own where nothing else is said: with its own cookies, like another device. */
export function useChromium(): OpenTab {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  afterAll(() => browser?.close());
  const newContext = async (options: BrowserContextOptions) => {
    const viewport = { width: 1280, height: 800 };
    const context = await browser!.newContext({ viewport, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  };
  return async (url, { beside, ...options } = {}) => {
    const context = beside?.page.context() ?? (await newContext(options));
    const page = await context.newPage();
    const faults = watch(page);
    const forgive = (...words: string[]) => {
      const others = faults.filter((fault) => !words.every((word) => fault.includes(word)));
      faults.splice(0, Infinity, ...others);
    };
    await page.goto(url);
    return {
      page,
      faults,
      expectFault: async (words) => {
        const find = () => faults.findIndex((fault) => fault.includes(words));
        await eventually(`the page reports: ${words}`, async () => find() >= 0);
        faults.splice(find(), 1);
      },
      forgive,
      forgiveAskingTooLate: () => forgive('401', '/api/devices)'),
      screenshot: (name) => picture(page, join('.redis/screenshots', name)),
    };
  };
}

/** What the window shows. @param path inside the project, without its ending */
export async function picture(page: Page, path: string): Promise<void> {
  await page.screenshot({ path: join(projectFolder(), `${path}.png`), animations: 'disabled' });
}

function watch(page: Page): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    // Who leaves a page cuts off what it was still opening.
    if (message.text().includes('closed before the connection is established')) return;
    if (['error', 'warning'].includes(message.type())) {
      faults.push(`${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => faults.push(`${error}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? 'failed';
    // Who leaves a page cuts off what it was still asking for.
    if (reason !== 'net::ERR_ABORTED')
      faults.push(`${request.method()} ${request.url()}: ${reason}`);
  });
  return faults;
}
