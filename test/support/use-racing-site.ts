import type { SessionOptions } from 'nestjs-redis-session';
import { type Platform, startApp, type TestApp } from './app.js';
import { Barriers } from './barriers.js';
import { RacingSite } from './racing-site.js';
import { SiteBrowser } from './site-browser.js';

/** A site that runs, the barriers in its handlers, and as many browsers as a test asks for. */
export interface RunningSite extends TestApp {
  readonly barriers: Barriers;
  browser(): SiteBrowser;
}

export async function startRacingSite(
  platform: Platform,
  options: SessionOptions,
): Promise<RunningSite> {
  const barriers = new Barriers();
  const site = await startApp(platform, options, {
    controllers: [RacingSite],
    providers: [{ provide: Barriers, useValue: barriers }],
  });
  return { ...site, barriers, browser: () => new SiteBrowser(site.url) };
}

/** Starts a site before the tests of a group and stops it after them. */
export function useRacingSite(platform: Platform, options: () => SessionOptions): RunningSite {
  let site: RunningSite;
  beforeAll(async () => {
    site = await startRacingSite(platform, options());
  });
  afterAll(() => site?.app.close());
  return {
    get app() {
      return site.app;
    },
    get url() {
      return site.url;
    },
    get barriers() {
      return site.barriers;
    },
    browser: () => site.browser(),
  };
}
