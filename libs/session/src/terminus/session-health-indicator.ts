import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { SessionRepository, type WriteResult } from '../core/session-repository.js';
import { createToken, idOfToken, type SessionToken } from '../core/token.js';
import { SessionSettings } from '../session.settings.js';
import { assertKnownOptions, type OptionNames } from '../settings/known-options.js';
import { codeSaidBy } from './code-said-by.js';

/** What `check()` takes besides the name. */
export interface SessionHealthOptions {
  /** From when on an answer is slow, in milliseconds. Default: a fifth of `storeTimeoutMs`. */
  slowMs?: number;
}

const HEALTH_OPTIONS = { slowMs: 'value' } as const satisfies OptionNames<SessionHealthOptions>;

/**
 * Health of the sessions for `@nestjs/terminus` 11 and 12: `down` when no session can be read, `degraded` when sessions
 * are read and nobody can sign in, or when Redis is slow.
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
   * Answers within `storeTimeoutMs`, and never rejects because of Redis. 2 commands at once, which leave nothing: a session
   * begins and ends, and is read.
   *
   * @param key the name under which the result stands in the report.
   * @param options from when on Redis is slow.
   * @throws {SessionError} `SESSION_CONFIG` for an option that does not exist.
   */
  async check<const Key extends string>(
    key: Key,
    options: SessionHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    assertKnownOptions(options, HEALTH_OPTIONS, 'SessionHealthIndicator.check()');
    const { slowMs = this.settings.storeTimeoutMs / 5 } = options;
    const health = this.health.check(key);
    const askedAt = performance.now();
    const [read, write] = await this.#tryBoth();
    const latencyMs = Math.round(performance.now() - askedAt);
    if (read.status === 'rejected') {
      const message = `No session can be read: ${codeSaidBy(read.reason)}.`;
      return health.down({ latencyMs, message });
    }
    const complaint =
      write.status === 'rejected'
        ? `Nobody can sign in, and nothing can be saved: ${codeSaidBy(write.reason)}.`
        : latencyMs > slowMs && `Redis takes longer than ${slowMs} ms.`;
    if (!complaint) return health.up({ latencyMs });
    const data = { latencyMs, message: complaint };
    // Terminus 11 leaves out a status that it does not know.
    if (typeof health.degraded !== 'function') return health.up({ ...data, degraded: true });
    return health.degraded(data);
  }

  /** Any shard will do: of a Cluster another server is asked each time. */
  #tryBoth() {
    const token = createToken();
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
