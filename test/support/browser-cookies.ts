/** What a browser does with cookies, as far as these tests need it; requests are made by `fetch`. */
export class CookieJar {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly send: (url: string, init: RequestInit) => Promise<Response> = fetch,
  ) {}

  get header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Sends a request with the cookies of now, and keeps what the answer sets. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookies.size > 0) headers.set('cookie', this.header);
    const response = await this.send(url, { redirect: 'manual', ...init, headers });
    this.keep(response);
    return response;
  }

  keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      if (/max-age=0(;|$)/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}
