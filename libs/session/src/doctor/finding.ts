/**
 * How bad it is: `problem` loses sessions or lets somebody in, or will; `warning` may; `note` is worth knowing; `unknown`
 * could not be looked at.
 */
export type Severity = 'ok' | 'note' | 'warning' | 'problem' | 'unknown';

/** What the doctor has found about one thing. */
export interface Finding {
  /** What was looked at, such as `eviction`. */
  readonly check: string;
  /** What a program decides by: `nestjs-redis-session doctor` ends with 1 where something is a `problem`. */
  readonly severity: Severity;
  /** What is so. */
  readonly finding: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly advice: string;
}

export function ok(check: string, finding: string): Finding {
  return { check, severity: 'ok', finding, advice: '' };
}

/** What could not be asked, most often because the user may not. */
export function unknown(check: string, finding: string): Finding {
  return {
    check,
    severity: 'unknown',
    finding,
    advice: 'Ask as a user who may, or look yourself.',
  };
}
