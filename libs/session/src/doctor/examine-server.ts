import type { RedisClient } from '../redis-client.js';
import { checkAccess } from './checks/access.js';
import { checkMaxclients, checkTimeout } from './checks/clients.js';
import { checkFullCoverage } from './checks/cluster.js';
import { checkLifetimes, checkPrefix } from './checks/keys.js';
import { checkLayouts } from './checks/layouts.js';
import { checkLua } from './checks/lua.js';
import { checkListpack } from './checks/memory.js';
import { checkSearch } from './checks/search.js';
import { checkClock } from './checks/time.js';
import { checkWaitaof } from './checks/waitaof.js';
import type { Finding } from './finding.js';
import { CHECKS_OF_INFO } from './findings-of-info.js';
import { type Clock, factsOf, type ServerFacts } from './server-facts.js';

const CHECKS: readonly ((facts: ServerFacts) => Finding | Finding[])[] = [
  ...CHECKS_OF_INFO,
  checkWaitaof,
  checkListpack,
  checkTimeout,
  checkMaxclients,
  checkFullCoverage,
  checkLua,
  checkClock,
  checkLifetimes,
  checkPrefix,
  checkLayouts,
  checkSearch,
];

/** What one server that takes writes tells. */
export interface Examined {
  readonly findings: readonly Finding[];
  readonly clock: Clock;
  /** `host` and `port` of its replicas, where it is no server of a Cluster. */
  readonly replicas: readonly { host: string; port: number }[];
}

export async function examineServer(server: RedisClient, keyPrefix: string): Promise<Examined> {
  const facts = await factsOf(server, keyPrefix);
  const findings = [...CHECKS.flatMap((check) => check(facts)), await checkAccess(server)];
  return { findings, clock: facts.clock, replicas: replicasOf(facts.info) };
}

/** `slave0:ip=10.0.0.2,port=6379,state=online,…` */
function replicasOf(info: ReadonlyMap<string, string>) {
  return [...info].flatMap(([name, line]) => {
    const [, host, port] = /^ip=(.*?),port=(\d+)/.exec(line) ?? [];
    return /^slave\d+$/.test(name) && host ? [{ host, port: Number(port) }] : [];
  });
}
