import type { Expectations, SessionChanges } from '../core/changes.js';
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

const ATTEMPTS = 20;

/** Does something to a session only if it meets a filter at that very moment: the index may know an older one. */
export class GuardedAction {
  readonly #sources: ReadonlySet<string>;

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
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const record = await this.repository.read(id);
      if (!record) {
        // A session that was given a new token is still the same one.
        const successor = (await this.repository.whyGone(id))?.successor;
        return successor ? this.on(successor) : 'passed';
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
