import { CookieJar } from './browser-cookies.js';
import type { SiteState } from './racing-site.js';

/** A browser on the pages of {@link RacingSite}. */
export class SiteBrowser extends CookieJar {
  constructor(private readonly url: string) {
    super();
  }

  get(path: string): Promise<Response> {
    return this.fetch(`${this.url}/${path}`);
  }

  post(path: string, body: object = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return this.fetch(`${this.url}/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
  }

  async state(): Promise<SiteState> {
    const response = await this.get('state');
    return (await response.json()) as SiteState;
  }

  /** Another browser that somehow got this one's cookies. */
  copy(): SiteBrowser {
    const copy = new SiteBrowser(this.url);
    for (const [name, value] of this.cookies) copy.cookies.set(name, value);
    return copy;
  }
}
