import { Logger } from '@nestjs/common';
import type { SessionIndex } from '../core/session-index.js';
import type { SessionId } from '../core/token.js';
import type { SessionKeys } from './keys.js';
import type { ScriptRunner } from './script-runner.js';
import { reindex } from './scripts/reindex.js';
import type { ScriptReply } from './scripts/reply.js';
import type { SessionReader } from './session-reader.js';

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

  /** @returns `false` when there is no such session. */
  async write(id: SessionId): Promise<boolean> {
    // Each further attempt means that somebody else has written to the session, and so to its document, meanwhile.
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const record = await this.reader.read(id);
      if (!record) return false;
      const { status } = await this.scripts.run((client) =>
        reindex(client, this.keys, record, this.index),
      );
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
