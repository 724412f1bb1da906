import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { SessionInstrumentation } from 'nestjs-redis-session/telemetry';
import { eventually } from './eventually.js';

/** Everything that was exported, by the exporters of the SDK that keep it in memory. */
export class Telemetry {
  readonly instrumentation = new SessionInstrumentation();
  readonly #exporter = new InMemorySpanExporter();
  readonly #tracers = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
  });
  #open = 0;
  #measured!: InMemoryMetricExporter;
  #meters!: MeterProvider;

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    this.instrumentation.setTracerProvider(this.#tracers);
    this.#measureAnew();
    this.instrumentation.enable();
  }

  /** Waits until the spans of all requests are over: that is a moment after their answers came. */
  async settle(): Promise<void> {
    await eventually('the requests are over', async () => this.#open === 0);
  }

  /** Forgets what was exported until now. */
  async reset(): Promise<void> {
    await this.settle();
    this.#exporter.reset();
    await this.#meters.shutdown();
    this.#measureAnew();
  }

  async close(): Promise<void> {
    this.instrumentation.disable();
    await Promise.all([this.#tracers.shutdown(), this.#meters.shutdown()]);
    context.disable();
  }

  /** Each request is a span, as an instrumentation of Node's own server makes them. */
  readonly traceRequests = (app: INestApplication): void => {
    const server = app.getHttpServer() as Server;
    const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
    server.emit = (event: string, ...args: unknown[]) => {
      if (event !== 'request') return emit(event, ...args);
      const [request, response] = args as [IncomingMessage, ServerResponse];
      const kind = SpanKind.SERVER;
      const name = `${request.method} ${request.url}`;
      const span = this.tracer.startSpan(name, { kind }, ROOT_CONTEXT);
      this.#open++;
      response.once('close', () => {
        span.end();
        this.#open--;
      });
      return context.with(trace.setSpan(ROOT_CONTEXT, span), () => emit(event, ...args));
    };
  };

  get tracer() {
    return this.#tracers.getTracer('test');
  }

  /** The spans that are over, without the question for cutoffs: once a second it is below a request that happened to send it. */
  get spans(): readonly ReadableSpan[] {
    return this.#exporter
      .getFinishedSpans()
      .filter(({ name }) => name !== 'EVALSHA read-cutoffs' && name !== 'EVAL read-cutoffs');
  }

  /** Each span with those above it, in the order of the alphabet: `GET /read > session load > HGETALL`. */
  get paths(): string[] {
    const byId = new Map(this.spans.map((span) => [span.spanContext().spanId, span]));
    const pathOf = (span: ReadableSpan): string => {
      const { parentSpanContext: parent } = span;
      if (!parent) return span.name;
      const above = byId.get(parent.spanId);
      return `${above ? pathOf(above) : 'nobody'} > ${span.name}`;
    };
    return [...byId.values()].map(pathOf).toSorted();
  }

  named(name: string): ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  async metrics(): Promise<MetricData[]> {
    await this.#meters.forceFlush();
    const last = this.#measured.getMetrics().at(-1);
    return last?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
  }

  /** What a metric counted, by its attributes: how often, or of a counter how many. */
  async counts(name: string): Promise<[attributes: object, count: number][]> {
    const metric = (await this.metrics()).find(({ descriptor }) => descriptor.name === name);
    return (metric?.dataPoints ?? []).map(({ attributes, value }) => [
      attributes,
      typeof value === 'number' ? value : (value as { count: number }).count,
    ]);
  }

  #measureAnew(): void {
    this.#measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter: this.#measured });
    this.#meters = new MeterProvider({ readers: [reader] });
    this.instrumentation.setMeterProvider(this.#meters);
  }
}
