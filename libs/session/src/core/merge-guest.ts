import type { SessionData } from '../session-data.js';
import type { SessionOptions } from '../session.options.js';
import { SessionError } from '../session.errors.js';
import type { SessionFields } from './session-fields.js';
import { assertSynchronous } from './synchronous.js';

/** A guest signs in, and the application decides what of the guest's goes along. What does not hold JSON does not. */
export function mergeGuest(
  fields: SessionFields,
  merge: NonNullable<SessionOptions['mergeGuest']>,
  userId: string,
): void {
  const names = fields.names();
  if (names.length === 0) return;
  const guest = Object.fromEntries(
    names.filter((name) => fields.at(name).isReadable).map((name) => [name, fields.at(name).value]),
  );
  const kept = merge(guest as Partial<SessionData>, userId);
  assertSynchronous(kept, 'The option mergeGuest');
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) {
    throw new SessionError(
      'SESSION_STATE',
      'The option mergeGuest did not return an object with the fields to keep. Return {} to keep none.',
    );
  }
  fields.assertStorable(kept);
  for (const name of names) if (!Object.hasOwn(kept, name)) fields.at(name).remove();
  fields.putAll(kept);
}
