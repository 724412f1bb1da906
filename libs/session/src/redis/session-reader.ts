import { Logger } from '@nestjs/common';
import type { GoneSession, SessionRecord } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { goneOfText } from './gone-codec.js';
import { recordOfHash } from './hash-codec.js';
import { noteSurprise } from './in-step.js';
import { readHash } from './read-hash.js';
import type { SessionKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import type { ScriptRunner } from './script-runner.js';
import { absence } from './scripts/absence.js';
import { discard } from './scripts/discard.js';
import { readFields } from './scripts/read-fields.js';
import { isWrongType } from './store-error.js';

/** Reads sessions, and removes what is under the key of one and is none. */
export class SessionReader {
  readonly #logger = new Logger('SessionRedis');

  constructor(
    private readonly connection: RedisConnection,
    private readonly scripts: ScriptRunner,
    private readonly keys: SessionKeys,
  ) {}

  async read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    const found = await this.#find(id, only);
    if (found === 'foreign') await this.#removeForeign(id);
    return found === 'foreign' ? undefined : found;
  }

  async whyGone(id: SessionId): Promise<GoneSession | undefined> {
    const text = await this.connection.send((client) => absence(client, this.keys, id));
    return text && goneOfText(text);
  }

  async #find(
    id: SessionId,
    only?: readonly string[],
  ): Promise<SessionRecord | 'foreign' | undefined> {
    try {
      return await this.connection.send(async (client) => {
        const key = this.keys.session(id);
        const texts = await (only ? readFields(client, key, only) : readHash(client, key));
        const record = texts && recordOfHash(id, texts);
        if (record || !texts) return record;
        noteSurprise(client);
        return 'foreign';
      });
    } catch (error) {
      if (isWrongType(error)) return 'foreign';
      throw error;
    }
  }

  /** It would stay for ever, and trouble its visitor for as long. Redis looks again: an answer can be about something else. */
  async #removeForeign(id: SessionId): Promise<void> {
    const { status } = await this.scripts.run((client) => discard(client, this.keys, id));
    if (status === 'gone') return;
    this.#logger.warn(
      `What was under the key of session ${id} was not this session, or not whole, so it was removed: something else writes to keys of sessions.`,
    );
  }
}
