import { Logger } from '@nestjs/common';
import type { SessionRecord } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { recordOfHash } from './hash-codec.js';
import type { SessionKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import type { ScriptRunner } from './script-runner.js';
import { revoke } from './scripts/revoke.js';
import { isWrongType } from './store-error.js';

/** Reads sessions, and removes what is under the key of one and is none. */
export class SessionReader {
  readonly #logger = new Logger('SessionRedis');

  constructor(
    private readonly connection: RedisConnection,
    private readonly scripts: ScriptRunner,
    private readonly keys: SessionKeys,
  ) {}

  async read(id: SessionId): Promise<SessionRecord | undefined> {
    const hash = await this.#hashOf(id);
    const record = hash && recordOfHash(id, hash);
    if (!record && (!hash || Object.keys(hash).length > 0)) await this.#removeForeign(id);
    return record;
  }

  /** @returns `undefined` when something else than a hash is there. */
  async #hashOf(id: SessionId): Promise<Record<string, string> | undefined> {
    try {
      return await this.connection.send((client) => client.hgetall(this.keys.session(id)));
    } catch (error) {
      if (isWrongType(error)) return undefined;
      throw error;
    }
  }

  /** It would stay for ever, and trouble its visitor for as long. */
  async #removeForeign(id: SessionId): Promise<void> {
    this.#logger.warn(
      `The hash of session ${id} was not whole, so it was removed: something else writes to keys of sessions.`,
    );
    await this.scripts.run((client) => revoke(client, this.keys, [id], undefined, 'revoked'));
  }
}
