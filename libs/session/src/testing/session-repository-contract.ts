import type { ContractClause } from './contract/clause.js';
import { committing } from './contract/committing.js';
import { creating } from './contract/creating.js';
import { cuttingOff } from './contract/cutting-off.js';
import { ending } from './contract/ending.js';
import { limiting } from './contract/limiting.js';
import { living } from './contract/living.js';
import { remembering } from './contract/remembering.js';
import { renewing } from './contract/renewing.js';
import { rotating } from './contract/rotating.js';
import { tellingOfChanges } from './contract/telling-of-changes.js';
import { tellingOfEndings } from './contract/telling-of-endings.js';

/**
 * What a {@link SessionRepository} promises, without a test runner:
 *
 * ```ts
 * import { InMemorySessionRepository, sessionRepositoryContract } from 'nestjs-redis-session/testing';
 *
 * for (const { check } of sessionRepositoryContract) await check(new InMemorySessionRepository());
 * ```
 */
export const sessionRepositoryContract: readonly ContractClause[] = [
  ...creating,
  ...committing,
  ...living,
  ...remembering,
  ...renewing,
  ...rotating,
  ...ending,
  ...cuttingOff,
  ...limiting,
  ...tellingOfChanges,
  ...tellingOfEndings,
];
