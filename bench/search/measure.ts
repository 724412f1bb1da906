import { memoryBytes } from '../support/redis-costs.js';
import type { DeedName } from './deeds.js';
import { loadDocuments, loadSessions } from './load.js';
import type { Plan } from './options.js';
import { measureOverhead, type Overhead } from './overhead.js';
import { questionsTo, TITLES } from './questions.js';
import { openSite, PLAIN_PREFIX, type Site } from './site.js';
import {
  type OfEachQuestion,
  type Timed,
  type TimedScan,
  timeQuestions,
  timeScans,
} from './time-questions.js';
import { touchMany } from './touch-many.js';

/** What Redis holds, in bytes, after each step. */
export interface Memory {
  readonly empty: number;
  readonly sessions: number;
  readonly documents: number;
  readonly index: number;
  /** What Search says that its index takes. */
  readonly bySearch: number;
}

interface Filled {
  readonly memory: Memory;
  readonly scans: OfEachQuestion<TimedScan>;
  readonly prepareSeconds: number;
}

interface Asked {
  readonly before: OfEachQuestion<Timed>;
  readonly touches: number;
  readonly touchSeconds: number;
  readonly memoryAfterTouches: number;
  readonly after: OfEachQuestion<Timed>;
}

export interface SizeResult extends Filled, Asked {
  readonly size: number;
  readonly server: string;
  readonly overhead: Readonly<Record<DeedName, Overhead>>;
}

type Say = (step: string, done?: number) => void;

/** Everything about one number of sessions. */
export async function measureSize(size: number, plan: Plan, say: Say): Promise<SizeResult> {
  say('start Redis');
  const site = await openSite(size);
  try {
    const filled = await fill(site, plan, say);
    const asked = await ask(site, plan, filled.scans, say);
    const overhead = await compareWithoutIndex(site, plan, say);
    return { size, server: site.server.description, ...filled, ...asked, overhead };
  } finally {
    await site.close();
  }
}

async function fill(site: Site, plan: Plan, say: Say): Promise<Filled> {
  const { redis, population, moments, names, asking } = site;
  const onLoad = (done: number) => say('load sessions', done);
  const onDocuments = (done: number) => say('load index documents', done);
  const empty = await memoryBytes(redis);
  await loadSessions(redis, population, moments, '', onLoad);
  const sessions = await memoryBytes(redis);
  // Now, while there is nothing yet that would only be in the way of a scan.
  const scans = await timeScans(redis, plan.scans(population.size), (name) =>
    say(`scan to ${TITLES[name]}`),
  );
  await loadDocuments(redis, population, moments, names, onDocuments);
  const documents = await memoryBytes(redis);

  const startedAt = performance.now();
  await asking.search.prepare({
    onProgress: ({ done, total }) => say('prepare the index', done / total),
  });
  const prepareSeconds = (performance.now() - startedAt) / 1000;
  const index = await memoryBytes(redis);
  const { memoryBytes: bySearch } = await asking.search.status();
  return { memory: { empty, sessions, documents, index, bySearch }, scans, prepareSeconds };
}

async function ask(
  { asking, indexed, redis, names, population }: Site,
  plan: Plan,
  scans: OfEachQuestion<TimedScan>,
  say: Say,
): Promise<Asked> {
  const touches = plan.touches(population.size);
  const questions = questionsTo(asking.search, redis, names.version);
  const askAll = (when: string) =>
    timeQuestions(questions, scans, redis, plan.questions, (name) => say(`${TITLES[name]}${when}`));
  // The machine's compiler is at work during the first second of each, and would flatter whatever comes later.
  await askAll(', to warm up');
  const before = await askAll('');
  const startedAt = performance.now();
  await touchMany(indexed.repository, population, touches, (done) => say('touch', done));
  const touchSeconds = (performance.now() - startedAt) / 1000;
  const memoryAfterTouches = await memoryBytes(redis);
  const after = await askAll(', after the touches');
  return { before, touches, touchSeconds, memoryAfterTouches, after };
}

async function compareWithoutIndex(site: Site, plan: Plan, say: Say) {
  const { redis, busy, population, moments, plain, indexed } = site;
  const onLoad = (done: number) => say('load sessions without an index', done);
  await loadSessions(redis, population, moments, PLAIN_PREFIX, onLoad);
  const repositories = { without: plain.repository, with: indexed.repository };
  return measureOverhead(busy, repositories, population, plan.overhead, (done) =>
    say('reads and writes with and without an index', done),
  );
}
