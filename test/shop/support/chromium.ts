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
  screenshot(name: string): Promise<void>;
}

export type OpenTab = (url: string, options?: BrowserContextOptions) => Promise<Tab>;

/** Opens pages, each in a browser context of its own: with its own cookies, like another device. */
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
  return async (url, options = {}) => {
    const context = await browser!.newContext({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const faults = watch(page);
    await page.goto(url);
    return {
      page,
      faults,
      expectFault: async (words) => {
        const find = () => faults.findIndex((fault) => fault.includes(words));
        await eventually(`the page reports: ${words}`, async () => find() >= 0);
        faults.splice(find(), 1);
      },
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
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
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
