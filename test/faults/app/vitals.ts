import type { Server } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Vitals } from './fault-site.settings.js';

const RESOLUTION_MS = 10;

/** Answers the test's question how this process is. */
export function answerForVitals(server: () => Server | undefined): void {
  const uncaught: string[] = [];
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => uncaught.push(`${event}: ${String(error)}`));
  }
  process.on('warning', (warning) => uncaught.push(`warning: ${String(warning)}`));
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const answer = (ofVisitors: number) => {
    globalThis.gc?.();
    const resources = process.getActiveResourcesInfo();
    const sockets = resources.filter((kind) => kind === 'TCPSocketWrap').length;
    const vitals: Vitals = {
      uncaught,
      sockets: sockets - ofVisitors,
      handles: resources.length - sockets,
      heapBytes: process.memoryUsage().heapUsed,
      // A timer that is on time counts with its interval.
      loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
      now: Date.now(),
    };
    delay.reset();
    process.send?.(vitals);
  };
  process.on('message', () => {
    const listening = server();
    if (!listening) return answer(0);
    listening.getConnections((_error, count) => answer(count));
  });
}
