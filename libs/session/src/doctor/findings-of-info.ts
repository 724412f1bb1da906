import { checkEviction, checkHeadroom } from './checks/memory.js';
import { checkPersistence } from './checks/persistence.js';
import { checkReplication } from './checks/replication.js';
import { checkVersion } from './checks/version.js';
import type { Finding } from './finding.js';
import { type InfoFacts, linesOf } from './server-facts.js';

/** What `INFO` alone tells; some of them say more where the settings are known as well. */
export const CHECKS_OF_INFO: readonly ((facts: InfoFacts) => Finding)[] = [
  checkVersion,
  checkPersistence,
  checkEviction,
  checkHeadroom,
  checkReplication,
];

/** @param info what a server answers to `INFO`. */
export function findingsOfInfo(info: string): Finding[] {
  const facts = { info: linesOf(info) };
  return CHECKS_OF_INFO.map((check) => check(facts));
}
