import type { Counter, Histogram, Meter } from '@opentelemetry/api';

/** Of what is mostly one trip to Redis, and never much longer than `storeTimeoutMs`. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** As the semantic conventions want it for this one. */
const SECONDS_OF_COMMANDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The instruments. */
export class SessionMetrics {
  readonly load: Histogram;
  readonly save: Histogram;
  readonly hold: Histogram;
  readonly touch: Histogram;
  readonly revoke: Histogram;
  readonly command: Histogram;
  readonly conflicts: Counter;
  readonly revoked: Counter;

  constructor(meter: Meter) {
    const duration = (of: string, description: string) =>
      meter.createHistogram(`nestjs_redis_session.${of}.duration`, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: SECONDS },
      });
    this.load = duration('load', 'How long requests waited for their sessions.');
    this.save = duration('save', 'How long it took to write what was done to a session.');
    this.hold = duration('hold', 'How long responses were held back until sessions were saved.');
    this.touch = duration('touch', 'How long it took to keep a session alive, beside the handler.');
    this.revoke = duration('revoke', 'How long it took to end sessions from outside.');
    this.command = meter.createHistogram('db.client.operation.duration', {
      description: 'Duration of database client operations.',
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS_OF_COMMANDS },
    });
    this.conflicts = meter.createCounter('nestjs_redis_session.save.conflicts', {
      description: 'How often somebody else had written the same fields meanwhile.',
      unit: '{conflict}',
    });
    this.revoked = meter.createCounter('nestjs_redis_session.revoke.sessions', {
      description: 'Sessions that were ended from outside.',
      unit: '{session}',
    });
  }
}
