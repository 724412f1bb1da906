import { type Profiler, Session } from 'node:inspector/promises';

const EVERY_MICROSECONDS = 250;

/** Looks many times a second where the program is, from `start` to `stop`. */
export class ProgramProfiler {
  readonly #inspector = new Session();

  async start(): Promise<void> {
    this.#inspector.connect();
    await this.#inspector.post('Profiler.enable');
    await this.#inspector.post('Profiler.setSamplingInterval', { interval: EVERY_MICROSECONDS });
    await this.#inspector.post('Profiler.start');
  }

  async stop(): Promise<Profiler.Profile> {
    const { profile } = await this.#inspector.post('Profiler.stop');
    this.#inspector.disconnect();
    return profile;
  }
}
