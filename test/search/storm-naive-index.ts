import type { SessionIndex } from '../../libs/session/src/core/session-index.js';
import type { SessionId } from '../../libs/session/src/core/token.js';
import type { RedisConnection } from '../../libs/session/src/redis/redis-connection.js';
import { SessionKeys } from '../../libs/session/src/redis/keys.js';
import { RedisSessionRepository } from '../../libs/session/src/redis/redis-session-repository.js';
import { identityOf } from '../../libs/session/src/redis/scripts/document-args.js';
import type { SessionSettings } from '../../libs/session/src/session.settings.js';

type Repository = RedisSessionRepository;

/**
 * An index as it is added by hand: the sessions are the library's, which knows of no index, and behind each change
 * the document is written from what is read of the session then.
 */
export class NaiveIndexRepository extends RedisSessionRepository {
  readonly #keys = new SessionKeys('');

  constructor(
    private readonly redis: RedisConnection,
    settings: SessionSettings,
    private readonly declared: SessionIndex,
  ) {
    super(redis, settings);
  }

  override async create(...args: Parameters<Repository['create']>) {
    const result = await super.create(...args);
    if (result.kind === 'saved') await this.#write(args[0].id);
    return result;
  }

  override async commit(...args: Parameters<Repository['commit']>) {
    const result = await super.commit(...args);
    if (result.kind === 'saved') await this.#write(args[0]);
    return result;
  }

  override async renew(...args: Parameters<Repository['renew']>) {
    const result = await super.renew(...args);
    await this.#remove(args[0].from.id);
    if (result.kind === 'saved') await this.#write(args[0].next.id);
    return result;
  }

  override async touch(...args: Parameters<Repository['touch']>) {
    const isThere = await super.touch(...args);
    if (isThere) await this.#write(args[0].id);
    return isThere;
  }

  override async revoke(...args: Parameters<Repository['revoke']>) {
    const ended = await super.revoke(...args);
    for (const id of args[0]) await this.#remove(id);
    return ended;
  }

  async #write(id: SessionId): Promise<void> {
    const record = await this.read(id);
    if (!record) return;
    const { createdAt, authenticatedAt } = record;
    const moments = authenticatedAt === undefined ? [] : ['signedInAt', String(authenticatedAt)];
    const own = ['indexedFor', this.declared.version, 'createdAt', String(createdAt), ...moments];
    const fields = [
      ...own,
      ...identityOf(record),
      ...[...this.declared.documentOf(record.fields)].flat(),
    ];
    const ttlMs = await this.redis.send((client) => client.pttl(this.#keys.session(id)));
    const key = this.#keys.document(id);
    await this.redis.send((client) => client.call('DEL', key));
    await this.redis.send((client) => client.call('HSET', key, ...fields));
    await this.redis.send((client) => client.call('PEXPIRE', key, ttlMs));
  }

  async #remove(id: SessionId): Promise<void> {
    await this.redis.send((client) => client.call('DEL', this.#keys.document(id)));
  }
}
