import type { AsyncLocalStorage } from 'node:async_hooks';
import type { TracingChannel } from 'node:diagnostics_channel';
import {
  context,
  type Attributes,
  type Context,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { SessionMessage } from '../core/session-channels.js';

/** An act that is under way. */
export interface Step {
  /** Where spans within it belong. */
  readonly inner: Context;
  /** The context of OpenTelemetry that it was begun in. */
  readonly outer: Context;
  readonly span: Span | undefined;
  readonly startedAt: number;
}

/** What is made of the messages of a channel. */
export interface Report<Message> {
  begin(parent: Context, message: Message): Span | undefined;
  /** Of the span and of what is measured; so each has few values. */
  attributes(message: Message): Attributes;
  record(seconds: number, attributes: Attributes, message: Message): void;
  /** Of the span alone. */
  details?(message: Message): Attributes;
  /** The name of the span, if it is known at the end only. */
  name?(message: Message): string;
}

/**
 * Hears a channel. The act that is under way is kept in a storage which the channel itself enters and leaves: a context of
 * OpenTelemetry can be entered by a function only, and a listener has none to call.
 *
 * @returns what ends it.
 */
export function listen<Message extends SessionMessage<unknown, unknown>>(
  around: AsyncLocalStorage<unknown>,
  { start, asyncEnd }: TracingChannel<unknown, Message>,
  report: Report<NoInfer<Message>>,
): () => void {
  const STEP = Symbol('step');
  type Marked = Message & { [STEP]?: Step };

  const begin = (message: Marked): Step => {
    const outer = context.active();
    const step = around.getStore() as Step | undefined;
    // Where code of the application has opened a span of its own within the act, that one is nearer.
    const parent = step?.outer === outer ? step.inner : outer;
    const span = report.begin(parent, message);
    const inner = span ? trace.setSpan(parent, span) : parent;
    return (message[STEP] = { inner, outer, span, startedAt: performance.now() });
  };
  const end = (told: unknown): void => {
    const message = told as Marked;
    const step = message[STEP];
    // It began before anybody listened.
    if (!step) return;
    const attributes = report.attributes(message);
    report.record((performance.now() - step.startedAt) / 1000, attributes, message);
    if (step.span) finish(step.span, attributes, message);
  };
  const finish = (span: Span, attributes: Attributes, message: Message): void => {
    if (report.name) span.updateName(report.name(message));
    span.setAttributes({ ...attributes, ...report.details?.(message) });
    if (message.error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };

  start.bindStore(around, begin);
  asyncEnd.subscribe(end);
  return () => {
    start.unbindStore(around);
    asyncEnd.unsubscribe(end);
  };
}
