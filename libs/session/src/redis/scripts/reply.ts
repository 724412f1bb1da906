import { SessionError } from '../../session.errors.js';
import { OutOfStepError } from '../store-error.js';
import type { WriteResult } from '../../core/session-repository.js';

/** What every script answers: the session it acted on, what became of it, its clock, and what else there is. */
export interface ScriptReply {
  readonly status: string;
  readonly now: number;
  readonly rest: readonly unknown[];
}

/**
 * @throws {OutOfStepError} when the answer is about another session. Whether the command was carried out is not known.
 */
export function readReply(check: string, reply: unknown): ScriptReply {
  if (!Array.isArray(reply) || reply[0] !== check) {
    throw new OutOfStepError();
  }
  const [, status, now, ...rest] = reply as unknown[];
  return { status: String(status), now: Number(now), rest };
}

/** @throws {SessionError} `SESSION_FORMAT` when a field was to be counted up that holds no number. */
export function writeResultOf({ status, rest }: ScriptReply): WriteResult {
  switch (status) {
    case 'saved':
      return { kind: 'saved' };
    case 'gone':
      return { kind: 'gone' };
    case 'limit':
      return { kind: 'limit' };
    case 'conflict': {
      const pairs = rest as string[];
      const current = new Map<string, string | undefined>();
      for (let i = 0; i < pairs.length; i += 2) {
        current.set(pairs[i] as string, pairs[i + 1] === '' ? undefined : pairs[i + 1]);
      }
      return { kind: 'conflict', current };
    }
    default:
      throw new SessionError(
        'SESSION_FORMAT',
        `The session field "${String(rest[0])}" cannot be incremented: it does not hold a number, or the sum is beyond 2^53. Nothing was saved. Set it to a number first.`,
      );
  }
}
