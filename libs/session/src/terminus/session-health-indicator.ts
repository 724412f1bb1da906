import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { SessionRepository, type StorePart, type WriteResult } from '../core/session-repository.js';
import { idOfToken, type SessionToken } from '../core/token.js';
import { SessionSettings } from '../session.settings.js';
import { assertKnownOptions, type OptionNames } from '../settings/known-options.js';
import { wrong } from '../settings/wrong-option.js';
import { codeSaidBy } from './code-said-by.js';

/** What `check()` takes besides the name. */
export interface SessionHealthOptions {
  /** From when on an answer is slow, in milliseconds. Default: a fifth of `storeTimeoutMs`. */
  slowMs?: number;
  /**
   * Of a Cluster: `down` when a smaller share of the sessions can be read, from 0 to 1. Default `0`: `down` when none can be read.
   * With `1` the loss of one shard takes every instance out of service.
   */
  downBelow?: number;
}

const HEALTH_OPTIONS = {
  slowMs: 'value',
  downBelow: 'value',
} as const satisfies OptionNames<SessionHealthOptions>;

/**
 * Health of the sessions for `@nestjs/terminus` 11 and 12: `down` when no session can be read, `degraded` when sessions
 * are read and nobody can sign in, when some shards of a Cluster do not answer, or when Redis is slow.
 *
 * Terminus 11 has no `degraded`: there it is `up`, with `degraded: true` beside.
 */
@Injectable()
export class SessionHealthIndicator {
  /** @internal */
  constructor(
    @Inject(HealthIndicatorService) private readonly health: HealthIndicatorService,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
  ) {}

  /**
   * Answers within `storeTimeoutMs`, and never rejects because of Redis. 2 commands, of a Cluster for each shard and for 64 at
   * most, which leave nothing: a session begins and ends, and is read.
   *
   * @param key the name under which the result is in the report.
   * @param options from when on Redis is slow, or a Cluster is down.
   * @throws {SessionError} `SESSION_CONFIG` for an option that does not exist, or a share that is none.
   */
  async check<const Key extends string>(
    key: Key,
    options: SessionHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const { slowMs, downBelow } = this.#limitsOf(options);
    const health = this.health.check(key);
    const askedAt = performance.now();
    const parts = this.repository.parts();
    const answers = await Promise.all(parts.map(({ token }) => this.#tryBoth(token)));
    const latencyMs = Math.round(performance.now() - askedAt);
    const reads = tallyOf(
      parts,
      answers.map(([read]) => read),
    );
    const writes = tallyOf(
      parts,
      answers.map(([, write]) => write),
    );
    const share: Record<string, number> = parts.length > 1 ? { share: reads.share } : {};
    const facts = { latencyMs, ...share };
    const complaint =
      readComplaint(reads) ??
      writeComplaint(writes) ??
      (latencyMs > slowMs ? `Redis takes longer than ${slowMs} ms.` : undefined);
    if (!complaint) return health.up(facts);
    const data = { ...facts, message: complaint };
    if (reads.share === 0 || reads.share < downBelow) return health.down(data);
    // Terminus 11 leaves out a status that it does not know.
    if (typeof health.degraded !== 'function') return health.up({ ...data, degraded: true });
    return health.degraded(data);
  }

  #limitsOf(options: SessionHealthOptions): Required<SessionHealthOptions> {
    assertKnownOptions(options, HEALTH_OPTIONS, 'SessionHealthIndicator.check()');
    const { slowMs = this.settings.storeTimeoutMs / 5, downBelow = 0 } = options;
    if (downBelow >= 0 && downBelow <= 1) return { slowMs, downBelow };
    throw wrong('downBelow', downBelow, 'from 0 to 1', 'SessionHealthIndicator.check()');
  }

  #tryBoth(token: SessionToken) {
    // The read goes first: the client leaves a server that answers READONLY.
    return Promise.allSettled([this.repository.read(idOfToken(token)), this.#write(token)]);
  }

  /** A session whose time is over when it begins: all that a sign-in needs of Redis, and no key stays. */
  #write(token: SessionToken): Promise<WriteResult> {
    return this.repository.create(
      {
        id: idOfToken(token),
        token,
        userId: undefined,
        lifetime: { idleSeconds: 0, absoluteSeconds: 0 },
        device: { address: undefined, agent: undefined },
        provenAt: performance.now(),
        afterEpoch: undefined,
      },
      new Map(),
    );
  }
}

/** What came of asking all parts for the same. */
interface Tally {
  /** Of the sessions in the parts that were asked, those in parts that did it; rounded down to hundredths. */
  readonly share: number;
  /** Why the others did not. */
  readonly code: string | undefined;
}

function tallyOf(
  parts: readonly StorePart[],
  results: readonly PromiseSettledResult<unknown>[],
): Tally {
  const sum = (some: readonly StorePart[]) => some.reduce((total, { share }) => total + share, 0);
  const done = parts.filter((_, i) => results[i]!.status === 'fulfilled');
  const failed = results.find((result) => result.status === 'rejected');
  return {
    share: done.length === parts.length ? 1 : Math.floor((100 * sum(done)) / sum(parts)) / 100,
    code: failed && codeSaidBy(failed.reason),
  };
}

function readComplaint({ share, code }: Tally): string | undefined {
  if (!code) return undefined;
  if (share === 0) return `No session can be read: ${code}.`;
  return `Only ${percent(share)} of the sessions can be read: ${code}.`;
}

function writeComplaint({ share, code }: Tally): string | undefined {
  if (!code) return undefined;
  if (share === 0) return `Nobody can sign in, and nothing can be saved: ${code}.`;
  return `Only ${percent(share)} of the users can sign in, and only their sessions can be saved: ${code}.`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
