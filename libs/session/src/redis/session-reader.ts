import { Logger } from '@nestjs/common';
import type { GoneSession, SessionRecord, UnreadableSession } from '../core/record.js';
import type { SessionId } from '../core/token.js';
import { goneOfText } from './gone-codec.js';
import { LAYOUT_VERSION, recordOfHash } from './hash-codec.js';
import { noteDoubt } from './in-step.js';
import type { KnownCutoffs } from './known-cutoffs.js';
import { readHash } from './read-hash.js';
import type { SessionKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import type { ScriptRunner } from './script-runner.js';
import { absence } from './scripts/absence.js';
import { discard, discardForeign } from './scripts/discard.js';
import { readFields } from './scripts/read-fields.js';
import type { ScriptReply } from './scripts/reply.js';
import { isWrongType } from './store-error.js';

/** So many sessions that cannot be read are named in the log; a roll-back can leave a million. */
const MOST_NAMED = 100;

/** Something under the key of a session that is to be looked at again, by Redis. */
interface Doubtful {
  /** What it was taken for; `undefined` for what is no session. */
  readonly record: SessionRecord | undefined;
  /** That Redis was asked already. */
  readonly look?: Promise<ScriptReply>;
}

/**
 * Reads sessions. What is no session, or cannot be read, is the matter of that one session: its visitor is a stranger, and
 * nobody else notices.
 */
export class SessionReader {
  readonly #logger = new Logger('SessionRedis');
  readonly #named = new Set<SessionId>();

  constructor(
    private readonly connection: RedisConnection,
    private readonly scripts: ScriptRunner,
    private readonly keys: SessionKeys,
    private readonly cutoffs: KnownCutoffs,
    /** Ends a session that a cutoff makes invalid. */
    private readonly end: (record: SessionRecord) => Promise<unknown>,
  ) {}

  async read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    const unknown = this.cutoffs.whenKnown();
    const { fields } = this.cutoffs.current;
    const wanted = only && fields.length > 0 ? [...new Set([...only, ...fields])] : only;
    const reading = this.#read(id, wanted);
    const record = unknown ? (await Promise.all([reading, unknown]))[0] : await reading;
    const { current } = this.cutoffs;
    // Others are asked of a session by now than were read of it.
    if (only && current.fields !== fields) return this.read(id, only);
    if (record && current.isVoid(record)) {
      await this.end(record);
      return undefined;
    }
    return record && only && fields.length > 0 ? pick(record, only) : record;
  }

  async whyGone(id: SessionId): Promise<GoneSession | UnreadableSession | undefined> {
    const found = await this.connection.send((client) => absence(client, this.keys, id));
    if (found?.kind === 'unreadable') {
      const nowhere = { successor: undefined, signedInAs: undefined, isAlias: false } as const;
      return { reason: 'unreadable', userId: found.userId, ...nowhere };
    }
    return found && goneOfText(found.text);
  }

  async #read(id: SessionId, only?: readonly string[]): Promise<SessionRecord | undefined> {
    const found = await this.#find(id, only);
    return found && 'record' in found ? this.#afterLook(id, found) : found;
  }

  async #find(
    id: SessionId,
    only?: readonly string[],
  ): Promise<SessionRecord | Doubtful | undefined> {
    try {
      return await this.connection.send(async (client) => {
        const key = this.keys.session(id);
        const texts = await (only ? readFields(client, key, only) : readHash(client, key));
        const found = texts && recordOfHash(id, texts);
        if (found === 'unreadable') return this.#report(id);
        if (found === 'foreign') {
          const look = this.#discardForeign(id);
          noteDoubt(
            client,
            look.then(() => true),
          );
          return { record: undefined, look };
        }
        // Its key should have expired. The clock here may be ahead, so Redis decides.
        return found && found.deadlineAt <= this.scripts.now() ? { record: found } : found;
      });
    } catch (error) {
      if (!isWrongType(error)) throw error;
      return { record: undefined };
    }
  }

  /** It would stay for ever, and trouble its visitor for as long. Redis looks again: an answer can be about something else. */
  #discardForeign(id: SessionId): Promise<ScriptReply> {
    return this.scripts.run((client) => discardForeign(client, this.keys, id));
  }

  async #afterLook(id: SessionId, { record, look }: Doubtful): Promise<SessionRecord | undefined> {
    const { status } = await (look ??
      this.scripts.run((client) => (record ? discard : discardForeign)(client, this.keys, id)));
    if (status === 'whole') return record;
    if (status !== 'saved') return undefined;
    this.#logger.warn(
      record
        ? `Session ${id} was past its absolute end and its key did not expire, so it was removed: something takes the time to live from keys of sessions.`
        : `What was under the key of session ${id} was not this session, or not whole, so it was removed: something else writes to keys of sessions.`,
    );
    return undefined;
  }

  /** Not removed: another instance can read it. */
  #report(id: SessionId): undefined {
    if (this.#named.size >= MOST_NAMED || this.#named.has(id)) return;
    this.#named.add(id);
    const isLast = this.#named.size === MOST_NAMED;
    this.#logger.warn(
      `Session ${id} cannot be read: another version of nestjs-redis-session wrote it, with another layout than ${LAYOUT_VERSION}. Its visitor counts as signed out here and can sign in again. Upgrade every instance.${isLast ? ' No further ones are named.' : ''}`,
    );
  }
}

/** Of the fields of the application only these. */
function pick(record: SessionRecord, only: readonly string[]): SessionRecord {
  const fields = [...record.fields].filter(([field]) => only.includes(field));
  return { ...record, fields: new Map(fields) };
}
