import { notInShort } from '../../support/scale.js';
import { describeWithSearch } from './with-search.js';

type Describe = (name: string, run: () => void) => void;

const skipped =
  (reason: string): Describe =>
  (name, run) =>
    describe.skip(`${name} (${reason})`, run);

const isGiven = process.env['REDIS_URL'] !== undefined;
const given = skipped('needs a Redis of its own, and REDIS_URL is set');
const noBus = skipped(
  'the containers of REDIS_ENGINE=docker publish no port for the bus between its nodes',
);

/** For what crashes its Redis, or empties it. */
export const describeWithOwnSearch: Describe = isGiven ? given : describeWithSearch;

/** For what starts a Cluster of its own, whether it can search or not. */
export const describeWithCluster: Describe = isGiven
  ? given
  : process.env['REDIS_ENGINE'] === 'docker'
    ? noBus
    : describe;

/** For what waits until a Cluster notices the loss of servers. */
export const describeWithBrokenCluster: Describe = (name, run) => {
  const obstacle = notInShort();
  (obstacle ? skipped(obstacle) : describeWithCluster)(name, run);
};
