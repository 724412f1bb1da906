import { Logger } from '@nestjs/common';
import type { SessionIndex } from '../core/session-index.js';
import type { SessionId } from '../core/token.js';
import { SessionError } from '../session.errors.js';
import type { SessionKeys } from './keys.js';
import type { ScriptRunner } from './script-runner.js';
import { reindex } from './scripts/reindex.js';
import type { ScriptReply } from './scripts/reply.js';
import type { SessionReader } from './session-reader.js';
import { saidBy } from './store-error.js';

const ATTEMPTS = 5;

/** Makes index documents anew: of sessions that were there before the index, or changed where nobody could index them. */
export class DocumentWriter {
  readonly #logger = new Logger('SessionRedis');

  constructor(
    private readonly reader: SessionReader,
    private readonly scripts: ScriptRunner,
    private readonly keys: SessionKeys,
    private readonly index: SessionIndex,
  ) {}

  /**
   * @returns `false` when there is no such session.
   * @throws {SessionError} `SESSION_FORMAT` when Redis refuses this document, `SESSION_STORE` when it would refuse any.
   */
  async write(id: SessionId): Promise<boolean> {
    // Each further attempt means that somebody else has written to the session, and so to its document, meanwhile.
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const record = await this.reader.read(id);
      if (!record) return false;
      const { status } = await this.scripts
        .run((client) => reindex(client, this.keys, record, this.index))
        .catch((error: unknown) => {
          throw ofThisSession(error) ?? error;
        });
      if (status !== 'conflict') return status === 'saved';
    }
    return false;
  }

  /** The session is safe by now: that Search does not know of it yet must not fail the request. */
  async writeIfAsked(id: SessionId, { status, rest }: ScriptReply): Promise<void> {
    if (status !== 'saved' || rest.at(-1) !== 'unindexed') return;
    await this.write(id).catch((error: unknown) => {
      this.#logger.warn(
        `Session ${id} is saved but not in the index yet: ${String(error)} It will be at its next touch or write.`,
      );
    });
  }
}

/** Redis says `ERR` or `WRONGTYPE` about one command. What it says of itself has words of its own, such as `OOM` and `READONLY`. */
function ofThisSession(error: unknown): SessionError | undefined {
  const said = saidBy(error);
  if (!/^(ERR|WRONGTYPE)\b/.test(said)) return undefined;
  const { cause } = error as SessionError;
  const message = `Redis refused the index document of a session: ${said.slice(0, 200)}.`;
  return new SessionError('SESSION_FORMAT', message, { cause });
}
