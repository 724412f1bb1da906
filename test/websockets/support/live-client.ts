import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { PATH } from './live-gateway.js';

export const TRANSPORTS = ['ws', 'socket.io'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface Message {
  readonly event: string;
  readonly data: unknown;
}

/** A browser's end of a socket. */
export interface LiveClient {
  readonly isOpen: boolean;
  /** Resolves with the reason that the site gave for closing it. */
  readonly closed: Promise<string | undefined>;
  /** Sends a message, and waits for so many in answer. */
  ask(event: string, data?: unknown, answers?: number): Promise<Message[]>;
  send(event: string, data?: unknown): void;
  /** Waits for so many messages that nobody asked for. */
  take(count: number): Promise<Message[]>;
  /** What socket.io's acknowledgement says. */
  acknowledged?(event: string, data: unknown): Promise<unknown>;
  close(): void;
}

export type Headers = Record<string, string>;

/** Why there is no socket. */
export class HandshakeRefused extends Error {
  constructor(
    readonly status: number | undefined,
    readonly body: string,
  ) {
    super(`The handshake was refused: ${status} ${body}`);
  }
}

/** @throws {HandshakeRefused} when the site wants no socket. */
export function openSocket(
  transport: Transport,
  { url }: { readonly url: string },
  headers: Headers = {},
  path = PATH,
): Promise<LiveClient> {
  return transport === 'ws' ? openWs(url, headers, path) : openSocketIo(url, headers, path);
}

/** Collects what comes, for whoever waits for it. */
class Inbox {
  readonly #messages: Message[] = [];
  #arrived = () => undefined as void;

  push(message: Message): void {
    this.#messages.push(message);
    this.#arrived();
  }

  async take(count: number): Promise<Message[]> {
    while (this.#messages.length < count) {
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
    return this.#messages.splice(0, count);
  }
}

async function openWs(url: string, headers: Headers, path: string): Promise<LiveClient> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
  const inbox = new Inbox();
  socket.on('message', (text: Buffer) => inbox.push(JSON.parse(String(text)) as Message));
  const closed = new Promise<string>((resolve) =>
    socket.on('close', (status: number, reason: Buffer) => resolve(`${status} ${String(reason)}`)),
  );
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
    socket.on('unexpected-response', (_, response: IncomingMessage) => {
      void bodyOf(response).then((body) => reject(new HandshakeRefused(response.statusCode, body)));
    });
  });
  const send = (event: string, data?: unknown) => socket.send(JSON.stringify({ event, data }));
  return {
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    closed: closed.then((text) => /^4401 (.+)$/.exec(text)?.[1]),
    send,
    take: (count) => inbox.take(count),
    ask: (event, data, answers = 1) => (send(event, data), inbox.take(answers)),
    close: () => socket.close(),
  };
}

async function openSocketIo(url: string, headers: Headers, path: string): Promise<LiveClient> {
  const options = { path, extraHeaders: headers, reconnection: false, forceNew: true };
  const socket = io(url, { ...options, transports: ['websocket'] });
  const inbox = new Inbox();
  let reason: string | undefined;
  socket.on('session-ended', ({ code }: { code: string }) => (reason = code));
  for (const event of ['answer', 'exception']) {
    socket.on(event, (data: unknown) => inbox.push({ event, data }));
  }
  const closed = new Promise<string | undefined>((resolve) =>
    socket.on('disconnect', () => resolve(reason)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', () => {
      socket.close();
      reject(new HandshakeRefused(undefined, ''));
    });
  });
  return {
    get isOpen() {
      return socket.connected;
    },
    closed,
    send: (event, data) => void socket.emit(event, data),
    take: (count) => inbox.take(count),
    ask: (event, data, answers = 1) => (socket.emit(event, data), inbox.take(answers)),
    acknowledged: (event, data) => socket.emitWithAck(event, data) as Promise<unknown>,
    close: () => void socket.disconnect(),
  };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(response, 'end');
  return String(Buffer.concat(chunks));
}
