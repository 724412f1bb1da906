interface Stored {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** A browser's cookies, which it knows by name, domain and path (RFC 6265, 5.3), all sent to one site. */
export class ScopedJar {
  readonly #cookies = new Map<string, Stored>();

  get size(): number {
    return this.#cookies.size;
  }

  /** The longest path first, and of equal paths the oldest. */
  get header(): string {
    const cookies = [...this.#cookies.values()].toSorted((a, b) => b.path.length - a.path.length);
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Sends a request with the cookies of now, and keeps what the answer sets. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.size > 0) headers.set('cookie', this.header);
    const response = await fetch(url, { ...init, headers });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    const valueOf = (attribute: string) =>
      attributes.find((text) => text.startsWith(`${attribute}=`))?.slice(attribute.length + 1);
    const path = valueOf('Path') ?? '/';
    const key = JSON.stringify([name, valueOf('Domain'), path]);
    if (valueOf('Max-Age') === '0') this.#cookies.delete(key);
    else this.#cookies.set(key, { name, value, path });
  }
}
