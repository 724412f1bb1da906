import type { RedisClient } from '../redis-client.js';
import { checkAccess } from './checks/access.js';
import { checkListpack } from './checks/memory.js';
import { checkSearch } from './checks/search.js';
import { checkSearchIndex } from './checks/search-index.js';
import { checkClock, checkClocks, checkLifetimes } from './checks/time.js';
import { checkWaitaof } from './checks/waitaof.js';
import type { Finding } from './finding.js';
import { CHECKS_OF_INFO } from './findings-of-info.js';
import { type Clock, clockOf, factsOf, type ServerFacts } from './server-facts.js';

const CHECKS: readonly ((facts: ServerFacts) => Finding)[] = [
  ...CHECKS_OF_INFO,
  checkWaitaof,
  checkListpack,
  checkClock,
  checkLifetimes,
  checkSearch,
];

/** A Cluster of ioredis, which also knows its replicas. */
interface ClusterClient extends RedisClient {
  nodes(role: 'master' | 'slave'): RedisClient[];
}

/**
 * Looks at a Redis as one who keeps sessions would: what a restart loses, whether it signs users out when it is full,
 * whether keys stay for ever. It reads, and never changes anything. About 510 commands for each server.
 */
export class SessionDoctor {
  /**
   * Sends nothing yet.
   *
   * @param client an ioredis client, of a single server or of a Cluster; it stays yours, and is not closed.
   * @param keyPrefix as in the options of the module. Default: none.
   */
  constructor(
    private readonly client: RedisClient,
    private readonly keyPrefix = '',
  ) {}

  /**
   * What there is to say, good and bad. Of a Cluster every primary is looked at, and what is found says which one; of
   * replicas the clock. Rejects with the client's error when a primary does not answer.
   */
  async examine(): Promise<Finding[]> {
    const ofIndex = () => checkSearchIndex(this.client, this.keyPrefix);
    if (!this.client.nodes) {
      const { findings } = await this.#examine(this.client);
      return [...findings, ...(await ofIndex())];
    }
    // A Cluster knows its servers only once it is connected.
    await this.client.ping();
    const primaries = await Promise.all(
      this.client.nodes('master').map((server) => this.#examine(server)),
    );
    const findings = primaries.flatMap((primary, i) =>
      primary.findings.map((finding) => ({ ...finding, check: `node ${i + 1}: ${finding.check}` })),
    );
    const clocks = await this.#clocksOf(primaries.map(({ clock }) => clock));
    return [...findings, clocks, ...(await ofIndex())];
  }

  async #examine(server: RedisClient): Promise<{ findings: Finding[]; clock: Clock }> {
    const facts = await factsOf(server, this.keyPrefix);
    const findings = [...CHECKS.map((check) => check(facts)), await checkAccess(server)];
    return { findings, clock: facts.clock };
  }

  /** A replica that does not answer is no reason to find nothing. */
  async #clocksOf(primaries: readonly Clock[]): Promise<Finding> {
    const replicas = (this.client as ClusterClient).nodes('slave');
    const answers = await Promise.allSettled(replicas.map(clockOf));
    const told = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    return checkClocks([...primaries, ...told], answers.length - told.length);
  }
}
