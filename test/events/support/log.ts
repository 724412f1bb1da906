import type { LoggerService } from '@nestjs/common';

/** Keeps what is logged, one line for each. */
export class Log implements LoggerService {
  readonly lines: string[] = [];

  log(message: string): void {
    this.lines.push(message);
  }
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string): void {
    this.lines.push(message);
  }

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }
}
