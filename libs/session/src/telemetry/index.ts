/**
 * Spans and metrics of OpenTelemetry for what sessions do. Needs `@opentelemetry/api`, an optional peer, so this is an entry point of
 * its own; it loads neither Nest nor a Redis client, and can be imported before either.
 *
 * @module nestjs-redis-session/telemetry
 */

export { SessionInstrumentation } from './session-instrumentation.js';
