import { saveSession } from '../../libs/session/src/core/save-session.js';
import type { SessionOutcome } from '../../libs/session/src/core/outcome.js';
import type { SessionRecord } from '../../libs/session/src/core/record.js';
import { Session } from '../../libs/session/src/core/session.js';
import type { SessionRepository } from '../../libs/session/src/core/session-repository.js';
import type { SessionId } from '../../libs/session/src/core/token.js';
import { SessionError } from '../../libs/session/src/session.errors.js';
import type { SessionSettings } from '../../libs/session/src/session.settings.js';
import { StormLedger } from './storm-ledger.js';

/** An instance of the application: what it needs of the library to serve a request. */
export interface StormInstance {
  readonly repository: SessionRepository;
  readonly settings: SessionSettings;
}

/** What one storm acts upon: requests that go to the instances in turn, are counted, and put down in the ledger. */
export class StormSite {
  readonly ledger = new StormLedger();
  operations = 0;

  constructor(private readonly instances: readonly StormInstance[]) {}

  /** @returns `undefined` when the sign-in was refused. */
  async signIn(userId: string): Promise<SessionId | undefined> {
    const { repository, settings } = this.#next();
    const startedAt = performance.now();
    const session = sessionOf(undefined, settings, startedAt);
    session.signIn(userId, { data: { left: 'here' } });
    const outcome = await saved(repository, session);
    if (outcome?.kind !== 'created') return undefined;
    this.ledger.signedIn(outcome.next.id, startedAt);
    return outcome.next.id;
  }

  /** @returns the new id, `undefined` when there is nothing to renew any more. */
  async renew(record: SessionRecord): Promise<SessionId | undefined> {
    const outcome = await this.#request(record, (session) => session.renew());
    return outcome?.kind === 'renewed' ? outcome.next.id : undefined;
  }

  async write(record: SessionRecord): Promise<void> {
    await this.#request(record, (session) => {
      session.set('left', 'late');
      session.increment('visits');
    });
  }

  /** @returns whether this request ended the session, wherever a renewal had moved it. */
  async signOut(record: SessionRecord): Promise<boolean> {
    const outcome = await this.#request(record, (session) => session.destroy());
    return outcome?.kind === 'destroyed';
  }

  /** @returns whether it was alive under this id. */
  async revoke({ id, userId }: SessionRecord): Promise<boolean> {
    return (await this.#next().repository.revoke([id], userId, 'revoked')) > 0;
  }

  async signOutEverywhere(userId: string): Promise<void> {
    const askedAt = performance.now();
    await this.#next().repository.revokeAllOfUser(userId);
    this.ledger.endedEverywhere(userId, askedAt);
  }

  /** @returns `false` when the session is gone. */
  async touch(record: SessionRecord): Promise<boolean> {
    return this.#next().repository.touch(record);
  }

  /** Not counted: it only tells a race what to begin with. */
  recordOf(id: SessionId): Promise<SessionRecord | undefined> {
    return this.instances[0]!.repository.read(id);
  }

  async #request(
    record: SessionRecord,
    act: (session: Session) => void,
  ): Promise<SessionOutcome | undefined> {
    const { repository, settings } = this.#next();
    const session = sessionOf(record, settings, performance.now());
    act(session);
    return saved(repository, session);
  }

  #next(): StormInstance {
    return this.instances[this.operations++ % this.instances.length]!;
  }
}

function sessionOf(
  record: SessionRecord | undefined,
  settings: SessionSettings,
  startedAt: number,
): Session {
  const device = { address: undefined, agent: undefined };
  return new Session(record, { ...settings, device, startedAt });
}

/** @returns `undefined` for a request that was refused: here that is an answer like any other. */
async function saved(
  repository: SessionRepository,
  session: Session,
): Promise<SessionOutcome | undefined> {
  try {
    return await saveSession(repository, session);
  } catch (error) {
    const isRefusal =
      error instanceof SessionError && ['SESSION_GONE', 'SESSION_LIMIT'].includes(error.code);
    if (isRefusal) return undefined;
    throw error;
  }
}
