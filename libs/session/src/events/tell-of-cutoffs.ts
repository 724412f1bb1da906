import type { SessionListeners } from '../core/session-listeners.js';
import type { EventPublisher } from '../redis/events/event-publisher.js';
import { encodeCutoffNote } from './event-codec.js';

/** Has the other instances ask for a cutoff that is written here before they would have done so. @returns what ends it. */
export function tellOfCutoffs(
  listeners: SessionListeners,
  publisher: EventPublisher,
  instance: string,
): () => void {
  const note = encodeCutoffNote(instance);
  return listeners.addCutoffListener({ written: () => publisher.publish(note) });
}
