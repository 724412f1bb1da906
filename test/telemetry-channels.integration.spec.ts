import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import {
  context,
  metrics as otelMetrics,
  propagation,
  SpanKind,
  trace as otelTrace,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SessionChannels } from 'nestjs-redis-session';
import { SessionInstrumentation } from 'nestjs-redis-session/telemetry';
import { loads, storeCalls, trace } from '../libs/session/src/core/trace.js';
import { startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Telemetry } from './support/telemetry.js';
import { Visitor, VisitorController } from './support/visitor.js';

const NAMES = ['load', 'save', 'hold', 'touch', 'revoke', 'store'].map(
  (name) => `nestjs-redis-session:${name}` as keyof SessionChannels,
);
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

const isHeard = () => NAMES.filter((name) => tracingChannel(name).hasSubscribers);

const redis = useRedis({ settings: { appendonly: 'no', save: '' } });
let site: TestApp;
beforeAll(async () => {
  const options = { redis: redis.url, touchIntervalSeconds: 0, maxFieldBytes: 1000 };
  site = await startApp('express', options, { controllers: [VisitorController] });
});
afterAll(() => site.app.close());

/** One of everything, by a visitor whose secrets can be looked for. */
async function leaveTraces(): Promise<string[]> {
  const visitor = new Visitor(site);
  const known = ['user-of-this-test', 'value-of-this-test'];
  const user = encodeURIComponent(known[0]!);
  const ask = async (path: string) => {
    await visitor.post(path, { note: known[1] });
    known.push(...visitor.jar.cookies.values());
    known.push(...(await redis.client.keys('session:*')).map((key) => key.split(':').at(-1)!));
  };
  for (const path of ['write', 'write', `sign-in?user=${user}`, 'write', 'renew']) await ask(path);
  await visitor.get('read');
  await visitor.post('write', { note: 'v'.repeat(2000) });
  await visitor.delete(`users/${user}`);
  await visitor.get('read');
  await visitor.post('sign-out');
  return [...new Set(known.filter((text) => text.length > 3)), 'note', 'lines'];
}

describe('the channels', () => {
  it('have nobody who listens until telemetry is switched on, nor after it is switched off', async () => {
    await leaveTraces();
    expect(isHeard()).toEqual([]);
    const instrumentation = new SessionInstrumentation();
    instrumentation.enable();
    expect(isHeard()).toEqual(NAMES);
    instrumentation.disable();
    expect(isHeard()).toEqual([]);
  });

  it('carry no id, token, user, name of a field or value', async () => {
    const said: string[] = [];
    const hear = (message: unknown, channel: string | symbol) => {
      said.push(`${String(channel)} ${JSON.stringify(message)}`);
    };
    const channels = NAMES.flatMap((name) => EVENTS.map((event) => `tracing:${name}:${event}`));
    for (const channel of channels) subscribe(channel, hear);
    const known = await leaveTraces();
    for (const channel of channels) unsubscribe(channel, hear);
    for (const name of NAMES) {
      expect(said.filter((line) => line.startsWith(`tracing:${name}:asyncEnd`))).not.toEqual([]);
    }
    expect(known.length).toBeGreaterThan(8);
    for (const secret of known) expect(said.filter((line) => line.includes(secret))).toEqual([]);
  });
});

describe('SessionInstrumentation', () => {
  it('exports no id, token, user, name of a field or value', async () => {
    const telemetry = new Telemetry();
    telemetry.traceRequests(site.app);
    const known = await leaveTraces();
    await telemetry.settle();
    const ours = telemetry.spans.filter(({ kind }) => kind !== SpanKind.SERVER);
    const exported = [
      ...ours.map(({ name, attributes, events, status, links }) =>
        JSON.stringify({ name, attributes, events, status, links }),
      ),
      ...(await telemetry.metrics()).map((metric) => JSON.stringify(metric)),
    ];
    await telemetry.close();
    expect(ours.length).toBeGreaterThan(20);
    for (const secret of known) expect(exported.filter((one) => one.includes(secret))).toEqual([]);
  });

  it('has what the application does within an act below the span of the application', async () => {
    const telemetry = new Telemetry();
    const ask = () => {
      const message = { address: undefined, port: undefined, database: 0, operation: 'TIME' };
      return trace(
        storeCalls,
        message,
        async () => 1,
        () => undefined,
      );
    };
    const own = telemetry.tracer.startSpan('own');
    await trace(
      loads,
      {},
      async () => {
        await context.with(otelTrace.setSpan(context.active(), own), ask);
        await ask();
      },
      () => 'found' as const,
    );
    own.end();
    const { paths } = telemetry;
    await telemetry.close();
    expect(paths).toEqual(['own', 'own > TIME', 'session load', 'session load > TIME']);
  });

  it('is taken by NodeSDK as the instrumentations of others are', async () => {
    const exporter = new InMemorySpanExporter();
    const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const instrumentation = new SessionInstrumentation();
    const sdk = new NodeSDK({
      autoDetectResources: false,
      spanProcessors: [new SimpleSpanProcessor(exporter)],
      metricReaders: [new PeriodicExportingMetricReader({ exporter: measured })],
      instrumentations: [instrumentation],
    });
    sdk.start();
    expect(instrumentation.getConfig()).toEqual({ enabled: true });
    await leaveTraces();
    const spans = exporter.getFinishedSpans().map(({ name }) => name);
    await sdk.shutdown();
    const metrics = measured.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    instrumentation.setConfig({ enabled: false });
    expect(isHeard()).toEqual([]);
    expect(spans).toEqual(expect.arrayContaining(['session load', 'session save', 'HGETALL']));
    expect(metrics.map(({ scope }) => scope.name)).toContain('nestjs-redis-session');
    for (const api of [context, otelTrace, otelMetrics, propagation]) api.disable();
  });

  it('says the version of the package', () => {
    const { version } = JSON.parse(readFileSync('libs/session/package.json', 'utf8')) as object & {
      version: string;
    };
    expect(new SessionInstrumentation().instrumentationVersion).toBe(version);
  });

  it('loads neither Nest nor a client, so that others can still patch them afterwards', () => {
    const packages = new Set<string>();
    const seen = new Set<string>();
    const follow = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, 'utf8');
      for (const [, target] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^']+)'/gm)) {
        if (!target!.startsWith('.')) packages.add(target!);
        else follow(join(dirname(file), target!.replace(/\.js$/, '.ts')));
      }
    };
    follow('libs/session/src/telemetry/index.ts');
    expect([...packages].toSorted()).toEqual([
      '@opentelemetry/api',
      'node:async_hooks',
      'node:diagnostics_channel',
    ]);
    expect(seen.size).toBeGreaterThan(5);
  });
});
