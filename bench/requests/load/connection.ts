import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

type Settle = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

/**
 * A connection of a browser, which stays open: one request after the other. Made for this, because the machine is
 * shared with what is measured, and because connecting belongs to no request's time.
 */
export class Connection {
  #text = '';
  #waiting: Settle | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('An application hung up.')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  send(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const headEnds = this.#text.indexOf('\r\n\r\n');
    if (headEnds < 0) return;
    const head = this.#text.slice(0, headEnds);
    const body = this.#text.slice(headEnds + 4);
    if (body.length < Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1])) return;
    const waiting = this.#waiting;
    this.#text = '';
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), head, body });
  }
}
