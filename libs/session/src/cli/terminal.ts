import { printable, printableJson, withoutPasswords } from './printable.js';

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** Where a command writes to: results to one stream, all else to the other. Nothing reaches them that a terminal obeys. */
export class Terminal {
  constructor(
    readonly input: NodeJS.ReadStream,
    private readonly out: Output,
    private readonly err: Output & NodeJS.WritableStream,
  ) {}

  /** `undefined` where nobody looks: what another program reads is never cut. */
  get width(): number | undefined {
    // A terminal that does not know how wide it is says 0.
    return (this.out.isTTY && this.out.columns) || undefined;
  }

  /** Where somebody can be asked, and sees the question. */
  get dialogue(): { input: NodeJS.ReadStream; output: NodeJS.WritableStream } | undefined {
    const { input, err } = this;
    return input.isTTY && err.isTTY ? { input, output: err } : undefined;
  }

  /** A result. */
  print(text: string): void {
    this.out.write(`${text.split('\n').map(printable).join('\n')}\n`);
  }

  /** A result for programs. */
  printJson(value: unknown, indent?: number): void {
    this.out.write(`${printableJson(value, indent)}\n`);
  }

  /** What is to be known besides. */
  say(text: string): void {
    this.err.write(`${printable(withoutPasswords(text))}\n`);
  }

  /** Calls back when whoever read the results has gone, as `head` does. */
  onReaderGone(act: () => void): void {
    this.out.on('error', ({ code }) => {
      if (code === 'EPIPE') act();
    });
  }
}
