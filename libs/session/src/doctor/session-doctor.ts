import type { RedisClient } from '../redis-client.js';
import { checkAccess } from './checks/access.js';
import { checkEviction, checkHeadroom, checkListpack } from './checks/memory.js';
import { checkPersistence } from './checks/persistence.js';
import { checkReplication } from './checks/replication.js';
import { checkSearch } from './checks/search.js';
import { checkClock, checkLifetimes } from './checks/time.js';
import { checkVersion } from './checks/version.js';
import type { Finding } from './finding.js';
import { factsOf, type ServerFacts } from './server-facts.js';

const CHECKS: readonly ((facts: ServerFacts) => Finding)[] = [
  checkVersion,
  checkPersistence,
  checkEviction,
  checkHeadroom,
  checkListpack,
  checkClock,
  checkReplication,
  checkSearch,
  checkLifetimes,
];

/**
 * Looks at a Redis as one who keeps sessions would: what a restart loses, whether it signs users out when it is full,
 * whether keys stay for ever. It reads, and never changes anything. About 510 commands for each server.
 */
export class SessionDoctor {
  /** @param keyPrefix as in the options of the module. */
  constructor(
    private readonly client: RedisClient,
    private readonly keyPrefix = '',
  ) {}

  /** Of a Cluster every primary is looked at, and what is found says which one. Rejects when a server does not answer. */
  async examine(): Promise<Finding[]> {
    const servers = this.client.nodes?.('master') ?? [this.client];
    const all = await Promise.all(servers.map((server) => this.#examine(server)));
    if (all.length === 1) return all[0]!;
    return all.flatMap((findings, i) =>
      findings.map((finding) => ({ ...finding, check: `node ${i + 1}: ${finding.check}` })),
    );
  }

  async #examine(server: RedisClient): Promise<Finding[]> {
    const facts = await factsOf(server, this.keyPrefix);
    return [...CHECKS.map((check) => check(facts)), await checkAccess(server)];
  }
}
