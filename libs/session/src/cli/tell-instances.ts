import { Logger } from '@nestjs/common';
import { encodeEvents } from '../events/event-codec.js';
import { SessionEvents } from '../events/session-events.js';
import { tellOfCutoffs } from '../events/tell-of-cutoffs.js';
import { eventChannels } from '../redis/events/event-channels.js';
import { EventPublisher } from '../redis/events/event-publisher.js';
import { EventStream } from '../redis/events/event-stream.js';
import { SessionKeys } from '../redis/keys.js';
import type { Store } from './with-store.js';

/** Has the instances of the application hear of what is done here, as if one of them had done it: they close sockets, and note it. */
export function tellInstances({ repository, connection, settings }: Store): void {
  const keys = new SessionKeys(settings.keyPrefix);
  const publisher = new EventPublisher(connection, eventChannels(connection, keys, false));
  const stream = new EventStream(connection, keys.eventStream);
  const { instance } = new SessionEvents();
  const warn = (error: unknown) =>
    new Logger().warn(`It was done, and is not in the stream of events. ${String(error)}`);
  tellOfCutoffs(repository.listeners, publisher, instance);
  repository.listeners.add((events) => {
    const text = encodeEvents(instance, events);
    return Promise.all([publisher.publish(text), stream.add(text).catch(warn)]);
  });
}
