import type { SessionOutcome } from '../../libs/session/src/core/outcome.js';
import type { SessionRecord } from '../../libs/session/src/core/record.js';
import { saveSession } from '../../libs/session/src/core/save-session.js';
import { Session } from '../../libs/session/src/core/session.js';
import type { StormInstance } from '../support/storm-site.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    note: string;
    visits: number;
    parts: string[];
  }
}

export function add(session: Session, item: string): void {
  session.update('parts', (parts = []) => [...parts, item]);
}

export function sessionOf(
  record: SessionRecord | undefined,
  settings: StormInstance['settings'],
): Session {
  const device = { address: undefined, agent: undefined };
  return new Session(record, { ...settings, device, startedAt: performance.now() });
}

/** Acts upon what was read before, however long ago that was. */
export function request(
  instance: StormInstance,
  record: SessionRecord,
  act: (session: Session) => void,
): Promise<string> {
  const session = sessionOf(record, instance.settings);
  act(session);
  return save(instance, session);
}

/** @returns what the request was told. */
export async function save(
  { repository }: StormInstance,
  session: Session,
  decided?: SessionOutcome,
): Promise<string> {
  return (await saveSession(repository, session, decided)).kind;
}
