import { progress } from '../../bench/support/program.js';
import type { Ended } from './suite.js';

const progressEveryMs = process.stderr.isTTY ? 1000 : 30_000;

/** Shows every now and then how far it is. */
export async function withProgress<Result>(
  name: string,
  work: (ended: Ended) => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now();
  let soFar = '';
  const tick = setInterval(() => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    progress.say(`${name}: ${seconds} s${soFar}`);
  }, progressEveryMs);
  const ended: Ended = (files, failed) => {
    soFar = `, ${files} spec files done, ${failed} of them failed`;
  };
  return work(ended).finally(() => clearInterval(tick));
}
