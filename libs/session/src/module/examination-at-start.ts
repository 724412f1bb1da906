import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionRepository } from '../core/session-repository.js';
import { findingsOfInfo } from '../doctor/findings-of-info.js';
import { RedisConnection } from '../redis/redis-connection.js';
import { RedisSessionRepository } from '../redis/redis-session-repository.js';
import { saidBy } from '../redis/store-error.js';
import { SessionSettings } from '../session.settings.js';

const LONGEST_PAUSE_MS = 30_000;

/** What a server says of itself, and what is put in front of what is said of it. */
interface Answer {
  readonly where: string;
  readonly info: string;
}

/** At the start of a site looks at Redis once, without anybody waiting for it, and warns of what will lose sessions. */
@Injectable()
export class ExaminationAtStart implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('SessionRedis');
  #isClosing = false;
  #nextLook: NodeJS.Timeout | undefined;

  constructor(
    @Inject(RedisConnection) private readonly connection: RedisConnection,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(SessionSettings) private readonly settings: SessionSettings,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  onApplicationBootstrap(): void {
    // A test that keeps sessions in memory has no Redis.
    const isInRedis = this.repository instanceof RedisSessionRepository;
    // A script with nothing but a context of Nest would be kept alive by a connection that it does not need.
    const isSite = Boolean(this.host.httpAdapter);
    if (!this.settings.examinesAtStart || !isInRedis || !isSite) return;
    for (const finding of this.connection.findings) {
      this.#logger.warn(`The client of the option redis, ${finding}`);
    }
    void this.#examine();
  }

  beforeApplicationShutdown(): void {
    this.#isClosing = true;
    clearTimeout(this.#nextLook);
  }

  /** Redis may be away at the start, which is said elsewhere; a user who may not ask is told nothing. */
  async #examine(pauseMs = 1000): Promise<void> {
    try {
      const answers = await this.#ask();
      // None: a Cluster that is not connected yet.
      if (answers.length > 0) return this.#report(answers);
    } catch (error) {
      if (/NOPERM|unknown command/i.test(saidBy(error))) return;
    }
    if (this.#isClosing) return;
    const next = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    this.#nextLook = setTimeout(() => void this.#examine(next), pauseMs).unref();
  }

  async #ask(): Promise<Answer[]> {
    const servers = await this.connection.send(async (client) => {
      if (!client.nodes) return [client];
      // Before it is connected it names the servers that it was given, replicas among them.
      return client.status === 'ready' ? client.nodes('master') : [];
    });
    const ask = async (server: (typeof servers)[number]) => ({
      // Of a single server there is nothing to tell apart.
      where: servers.length > 1 ? `${server.options?.host}:${server.options?.port}, ` : '',
      info: String(await this.connection.send(() => server.call('INFO'))),
    });
    return Promise.all(servers.map(ask));
  }

  #report(answers: readonly Answer[]): void {
    const warnings = answers.flatMap(({ where, info }) =>
      findingsOfInfo(info)
        .filter(({ severity }) => severity === 'problem' || severity === 'warning')
        .map(({ check, finding, advice }) => `Redis, ${where}${check}: ${finding}. ${advice}`),
    );
    for (const warning of warnings) this.#logger.warn(warning);
    if (warnings.length === 0) return;
    this.#logger.log('More about this Redis: npx nestjs-redis-session doctor <url>');
  }
}
