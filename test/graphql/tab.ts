import { once } from 'node:events';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { GraphQLVisitor } from './servers.js';

export interface Answer {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?:
    | readonly {
        readonly message: string;
        readonly extensions?:
          | { readonly code?: unknown; readonly originalError?: { readonly code: string } }
          | undefined;
      }[]
    | undefined;
}

/** A page that subscribes, in the protocol of graphql-ws, by its own client. */
export class Tab {
  private constructor(
    private readonly client: Client,
    private readonly socket: () => WebSocket,
    /** Resolves with the close code and the reason. */
    readonly closed: Promise<string>,
  ) {}

  /** Rejects, with the close code and the reason, where the site wants no socket. */
  static async open(
    { url }: { readonly url: string },
    headers: Record<string, string> = {},
  ): Promise<Tab> {
    let socket: WebSocket;
    const made = (one: WebSocket) => (socket = one);
    class SocketOfPage extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { headers });
        made(this);
      }
    }
    const client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: SocketOfPage,
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
    });
    const closed = new Promise<string>((resolve) =>
      client.on('closed', (event) => {
        const { code, reason } = event as { code: number; reason: string };
        resolve(`${code} ${reason}`);
      }),
    );
    await Promise.race([
      new Promise((resolve) => client.on('connected', resolve)),
      closed.then((why) => Promise.reject(new Error(why))),
    ]);
    return new Tab(client, () => socket, closed);
  }

  get isOpen(): boolean {
    return this.socket().readyState === WebSocket.OPEN;
  }

  /** The first answer to an operation. */
  async ask(query: string): Promise<Answer> {
    const answers = this.listen(query);
    try {
      return (await answers.next()).value as Answer;
    } finally {
      await answers.return(undefined);
    }
  }

  /** The answers, as they come. One that ends the operation comes as an answer too. */
  async *listen(query: string): AsyncGenerator<Answer, Answer | undefined> {
    try {
      yield* this.client.iterate<Record<string, unknown>>({ query });
    } catch (errors) {
      // Mercurius sends errors of a subscription as the end of it.
      if (!Array.isArray(errors)) throw errors;
      return { errors } as Answer;
    }
    return undefined;
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    const closed = once(this.socket(), 'close');
    this.socket().close();
    await closed;
  }
}

/** A tab of a browser, at any instance. */
export function openTab(
  site: { readonly url: string },
  { jar }: GraphQLVisitor,
  headers: Record<string, string> = {},
): Promise<Tab> {
  const cookie = jar.cookies.size > 0 ? { cookie: jar.header } : {};
  return Tab.open(site, { origin: site.url, ...cookie, ...headers });
}
