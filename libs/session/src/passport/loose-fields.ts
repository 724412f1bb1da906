import type { Session } from '../core/session.js';

/** The fields of a session by names that no `SessionData` declares. */
export interface LooseFields {
  get(name: string): unknown;
  has(name: string): boolean;
  set(name: string, value: unknown): void;
  delete(name: string): void;
  fieldNames(): string[];
}

export function looseFields(session: Session): LooseFields {
  return session as LooseFields;
}
