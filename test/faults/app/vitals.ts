import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Vitals } from './fault-site.settings.js';

/** Answers the test's question how this process is. */
export function answerForVitals(): void {
  const uncaught: string[] = [];
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => uncaught.push(`${event}: ${String(error)}`));
  }
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  process.on('message', () => {
    globalThis.gc?.();
    const vitals: Vitals = {
      uncaught,
      sockets: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length,
      heapBytes: process.memoryUsage().heapUsed,
      loopDelayP99Ms: delay.percentile(99) / 1e6,
    };
    delay.reset();
    process.send?.(vitals);
  });
}
