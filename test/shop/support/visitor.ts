import type { MySession } from '../../../src/my-session/my-session.js';
import { CookieJar } from '../../support/browser-cookies.js';

/** An answer that was read to its end. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
}

export interface Device {
  readonly id: string;
  readonly current: boolean;
  readonly agent: string;
}

/** Somebody who uses the API of the shop, with the cookies of one browser. */
export class Visitor {
  constructor(
    readonly site: string,
    readonly jar = new CookieJar(),
  ) {}

  /** The same browser at another instance. */
  at(site: string): Visitor {
    return new Visitor(site, this.jar);
  }

  /** The secret in the cookie, if there is one. */
  get token(): string | undefined {
    return this.jar.cookies.get('id');
  }

  async send<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    const response = await this.jar.fetch(`${this.site}${path}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
      headers: response.headers,
      setCookies: response.headers.getSetCookie(),
    };
  }

  signIn(username: string, password = `${username}-pw`): Promise<Answer> {
    return this.send('POST', '/api/sign-in', { username, password });
  }

  session(): Promise<Answer<MySession>> {
    return this.send('GET', '/api/session');
  }

  view(): Promise<Answer<{ views: number }>> {
    return this.send('POST', '/api/views');
  }

  addToCart(sku: string, quantity: number): Promise<Answer> {
    return this.send('POST', '/api/cart', { sku, quantity });
  }

  devices(): Promise<Answer<Device[]>> {
    return this.send('GET', '/api/devices');
  }
}
