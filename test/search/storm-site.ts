import { saveSession } from '../../libs/session/src/core/save-session.js';
import type { SessionOutcome } from '../../libs/session/src/core/outcome.js';
import type { SessionRecord } from '../../libs/session/src/core/record.js';
import { Session } from '../../libs/session/src/core/session.js';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { SessionError } from '../../libs/session/src/session.errors.js';
import { StormLedger } from '../support/storm-ledger.js';
import type { StormRandom } from '../support/storm-random.js';
import type { StormInstance } from '../support/storm-site.js';

const HOT = 20;
const DEVICE = { address: '10.0.0.1', agent: undefined };

/** The sessions that a storm is about, and the requests to them, which go to the instances in turn. */
export class IndexStormSite {
  readonly ledger = new StormLedger();
  readonly ids: SessionId[] = [];
  operations = 0;

  constructor(private readonly instances: readonly StormInstance[]) {}

  /** One request, of a visitor who has this session or none yet. What it ends with is put down. */
  async request(
    record: SessionRecord | undefined,
    act: (session: Session) => void,
  ): Promise<SessionOutcome | undefined> {
    const { repository, settings } = this.#next();
    const startedAt = performance.now();
    const session = new Session(record, { ...settings, device: DEVICE, startedAt });
    act(session);
    const outcome = await saved(() => saveSession(repository, session));
    if (outcome?.kind === 'created') this.#begun(outcome.next.id, startedAt);
    if (outcome?.kind === 'destroyed') this.ledger.ended(outcome.from.id);
    if (outcome?.kind === 'renewed') {
      this.ledger.ended(outcome.from.id);
      this.#begun(outcome.next.id, outcome.isAuthenticated ? startedAt : undefined);
    }
    return outcome;
  }

  async touch(record: SessionRecord): Promise<void> {
    await this.#next().repository.touch(record);
  }

  async revoke({ id, userId }: SessionRecord): Promise<void> {
    const ended = await this.#next().repository.revoke([id], userId, 'revoked');
    if (ended > 0) this.ledger.ended(id);
  }

  async signOutEverywhere(userId: string): Promise<void> {
    const askedAt = performance.now();
    await this.#next().repository.revokeAllOfUser(userId);
    this.ledger.endedEverywhere(userId, askedAt);
  }

  /** One of the sessions, often one that others are at, too. Not counted. */
  async anyRecord(random: StormRandom): Promise<SessionRecord | undefined> {
    if (this.ids.length === 0) return undefined;
    const isHot = random.below(2) === 0;
    const place = random.below(isHot ? Math.min(HOT, this.ids.length) : this.ids.length);
    const id = this.ids[place]!;
    const record = await this.instances[0]!.repository.read(id);
    if (!record && this.ids[place] === id) this.ids.splice(place, 1);
    return record;
  }

  #begun(id: SessionId, provenAt: number | undefined): void {
    this.ids.push(id);
    if (provenAt !== undefined) this.ledger.signedIn(id, provenAt);
  }

  #next(): StormInstance {
    return this.instances[this.operations++ % this.instances.length]!;
  }
}

/** @returns `undefined` for a request that was refused: here that is an answer like any other. */
async function saved<T>(save: () => Promise<T>): Promise<T | undefined> {
  try {
    return await save();
  } catch (error) {
    const refusals = ['SESSION_GONE', 'SESSION_CONFLICT'];
    if (error instanceof SessionError && refusals.includes(error.code)) return undefined;
    throw error;
  }
}
