import { Logger } from '@nestjs/common';
import type { Expectations, SessionChanges } from '../core/changes.js';
import { readOnward } from '../core/going-on-from.js';
import type { SessionRecord } from '../core/record.js';
import type { Session } from '../core/session.js';
import type { SessionRepository, WriteResult } from '../core/session-repository.js';
import type { SessionId } from '../core/token.js';
import type { Synchronous } from '../core/synchronous.js';
import { SessionError } from '../session.errors.js';
import type { StorableData } from '../session-data.js';
import { applyTo } from '../session-info.js';
import type { FilterReader } from './filter-reader.js';
import type { MassActionAnswer } from './mass-action.js';
import { isOfContent } from './of-content.js';

const ATTEMPTS = 20;
const MOST_NAMED = 10;

/** Does something to a session only if it meets a filter at that very moment: the index may know an older one. */
export class GuardedAction {
  static readonly #logger = new Logger('SessionSearch');
  readonly #sources: ReadonlySet<string>;
  #failures = 0;

  /** @param act does it if the fields hold what is expected, and else answers `conflict`; nothing is to be done: `undefined`. */
  constructor(
    private readonly repository: SessionRepository,
    private readonly filters: FilterReader,
    private readonly filter: unknown,
    private readonly act: (
      record: SessionRecord,
      expected: Expectations,
    ) => Promise<WriteResult | undefined>,
  ) {
    this.#sources = filters.sourcesOf(filter);
  }

  async on(id: SessionId): Promise<MassActionAnswer> {
    try {
      return await this.#on(id);
    } catch (error) {
      // One session with a field that something else wrote, or that is full, does not keep the others from their turn.
      if (!isOfContent(error)) throw error;
      this.#report(id, error.message);
      return 'failed';
    }
  }

  async #on(id: SessionId): Promise<MassActionAnswer> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const record = await readOnward(this.repository, id);
      if (!record) return 'passed';
      if (record === 'unreadable') {
        this.#report(
          id,
          'Another version of nestjs-redis-session wrote it; it can be ended by its id.',
        );
        return 'failed';
      }
      if (!this.filters.matches(this.filter, record)) return 'passed';
      const { fields } = record;
      const expected = [...this.#sources].map((field) => [field, fields.get(field)] as const);
      const result = await this.act(record, new Map(expected));
      if (!result) return 'passed';
      if (result.kind === 'saved') return 'changed';
    }
    return 'contested';
  }

  #report(id: SessionId, why: string): void {
    if (++this.#failures > MOST_NAMED) return;
    const isLast = this.#failures === MOST_NAMED;
    const further = isLast ? ' Further ones are counted and not named.' : '';
    GuardedAction.#logger.warn(`Session ${id} was passed over. ${why}${further}`);
  }
}

/**
 * What `updateWhere` does to the fields of a session.
 *
 * @throws {SessionError} `SESSION_STATE` when it does more than that, or is not synchronous.
 */
export function fieldChanges(
  session: Session,
  changes: Partial<StorableData> | ((session: Session) => Synchronous),
): SessionChanges {
  applyTo(session, changes, 'updateWhere()');
  const outcome = session.seal();
  if (outcome.kind === 'changed') return outcome.changes;
  if (outcome.kind === 'unchanged') return new Map();
  throw new SessionError(
    'SESSION_STATE',
    'updateWhere() changes fields only. To end sessions use revokeWhere(); nobody can be signed in or given a new token there.',
  );
}
