import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api';
import { reportSessions } from './report-sessions.js';
import { SessionMetrics } from './session-metrics.js';

/**
 * Makes spans and metrics of OpenTelemetry of what sessions do, in every application of the process. It is an instrumentation like
 * those of `@opentelemetry/instrumentation-*`: give it to `NodeSDK` or `registerInstrumentations`, or call `enable()`.
 *
 * No attribute holds an id, a token, a user, the name of a field or a value.
 */
export class SessionInstrumentation {
  /** The name of its tracer and of its meter. */
  readonly instrumentationName = 'nestjs-redis-session';
  /** The version of this package. */
  readonly instrumentationVersion = '0.1.0';
  #tracers: TracerProvider | undefined;
  #meters: MeterProvider | undefined;
  #end: (() => void) | undefined;

  /** Begins to listen. Without providers of its own it uses the global ones; that of metrics has to be there by the first request. */
  enable(): void {
    if (this.#end) return;
    const { instrumentationName: name, instrumentationVersion: version } = this;
    const tracer = (this.#tracers ?? trace).getTracer(name, version);
    let made: SessionMetrics | undefined;
    // Not now: unlike a tracer, a meter that was asked for before there is a provider measures nothing for ever.
    const instruments = () =>
      (made ??= new SessionMetrics((this.#meters ?? metrics).getMeter(name, version)));
    this.#end = reportSessions(tracer, instruments);
  }

  /** Ends listening. Sessions cost what they did without it. */
  disable(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** Where spans go. Default: the global provider. */
  setTracerProvider(provider: TracerProvider): void {
    this.#tracers = provider;
    this.#restart();
  }

  /** Where metrics go. Default: the global provider. */
  setMeterProvider(provider: MeterProvider): void {
    this.#meters = provider;
    this.#restart();
  }

  /** It logs nothing. `registerInstrumentations` calls this. */
  setLoggerProvider(): void {}

  /** It has nothing to configure but whether it listens. */
  setConfig({ enabled = true }: { enabled?: boolean }): void {
    if (enabled) this.enable();
    else this.disable();
  }

  /** Whether it listens: `registerInstrumentations` enables what does not. */
  getConfig(): {
    /** Whether it listens. */
    enabled: boolean;
  } {
    return { enabled: this.#end !== undefined };
  }

  #restart(): void {
    if (!this.#end) return;
    this.disable();
    this.enable();
  }
}
