import type { Redis } from 'ioredis';
import { SessionKeys } from '../../../libs/session/src/redis/keys.js';
import type { SessionId } from '../../../libs/session/src/core/token.js';
import { CookieJar } from '../../support/browser-cookies.js';

export const KEYS = new SessionKeys('');

/** One browser at one instance, for scenarios that look at single answers. */
export class SignedIn {
  readonly jar = new CookieJar();
  id = '' as SessionId;

  constructor(readonly url: string) {}

  static async at(url: string, user: string): Promise<SignedIn> {
    const browser = new SignedIn(url);
    const response = await browser.post('sign-in', { user });
    browser.id = ((await response.json()) as { id: SessionId }).id;
    return browser;
  }

  get(path: string): Promise<Response> {
    return this.jar.fetch(`${this.url}/${path}`);
  }

  post(path: string, body: object = {}): Promise<Response> {
    return this.jar.fetch(`${this.url}/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  async status(path: string): Promise<number> {
    return (await this.get(path)).status;
  }

  ttlMs(admin: Redis): Promise<number> {
    return admin.pttl(KEYS.session(this.id));
  }
}

/** A refusal touches no cookie: one that is good would be gone. */
export async function expectRefused(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await response.json()).toMatchObject({ code: 'SESSION_STORE' });
}
