import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type Span, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import { holds, loads, revocations, saves, storeCalls, touches } from '../core/trace.js';
import { commandOf, nameOfCommand, outcomeOf, revokeOf, serverOf } from './attributes.js';
import { listen } from './listen.js';
import type { SessionMetrics } from './session-metrics.js';

/** Makes spans and metrics of all channels. @returns what ends it. */
export function reportSessions(tracer: Tracer, metrics: () => SessionMetrics): () => void {
  const around = new AsyncLocalStorage<unknown>();
  const span = (name: string) => (parent: Context) => tracer.startSpan(name, {}, parent);
  const ends = [
    listen(around, loads, {
      begin: span('session load'),
      attributes: outcomeOf,
      record: (seconds, attributes) => metrics().load.record(seconds, attributes),
    }),
    listen(around, saves, {
      begin: span('session save'),
      attributes: outcomeOf,
      details: ({ conflicts }) => ({ 'nestjs_redis_session.save.conflicts': conflicts }),
      record(seconds, attributes, { conflicts }) {
        metrics().save.record(seconds, attributes);
        if (conflicts > 0) metrics().conflicts.add(conflicts);
      },
    }),
    listen(around, holds, {
      // Its save is a span already, and takes as long.
      begin: () => undefined,
      attributes: outcomeOf,
      record: (seconds, attributes) => metrics().hold.record(seconds, attributes),
    }),
    listen(around, touches, {
      begin: (parent) => spanBeside(tracer, parent),
      attributes: outcomeOf,
      record: (seconds, attributes) => metrics().touch.record(seconds, attributes),
    }),
    listen(around, revocations, {
      begin: span('session revoke'),
      attributes: revokeOf,
      details: ({ result }) => ({ 'nestjs_redis_session.revoke.sessions': result }),
      record(seconds, attributes, { result }) {
        metrics().revoke.record(seconds, attributes);
        if (result) metrics().revoked.add(result, attributes);
      },
    }),
    listen(around, storeCalls, {
      // What nobody asked for, such as listening, would be a trace of its own each time.
      begin: (parent, message) =>
        trace.getSpan(parent) &&
        tracer.startSpan('redis', { kind: SpanKind.CLIENT, attributes: serverOf(message) }, parent),
      name: nameOfCommand,
      attributes: commandOf,
      record(seconds, attributes, { operation, error }) {
        // Whoever only asks which servers there are has sent nothing.
        if (operation ?? error) metrics().command.record(seconds, attributes);
      },
    }),
  ];
  return () => {
    for (const end of ends) end();
    // Until then Node follows each promise of the process.
    around.disable();
  };
}

/** Nobody waits for a touch, and it may outlive its request: a trace of its own, which says from where it was begun. */
function spanBeside(tracer: Tracer, parent: Context): Span {
  const from = trace.getSpanContext(parent);
  return tracer.startSpan('session touch', { root: true, links: from ? [{ context: from }] : [] });
}
