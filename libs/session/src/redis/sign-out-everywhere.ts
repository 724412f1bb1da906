import type { SignOutEverywhere } from '../core/session-repository.js';
import { isWithUser, type SessionId } from '../core/token.js';
import type { SessionKeys } from './keys.js';
import type { RepositoryParts } from './repository-parts.js';
import type { ScriptRunner } from './script-runner.js';
import { claim } from './scripts/claim.js';
import { spare } from './scripts/spare.js';
import { voidUser } from './scripts/void.js';

/** Voids what a user has proved, then ends the sessions that are known. A session of somebody else is none to spare. */
export async function signOutEverywhere(
  { scripts, keys, settings, users }: RepositoryParts,
  userId: string,
  except: SessionId | undefined,
  revoke: (ids: readonly SessionId[]) => Promise<number>,
): Promise<SignOutEverywhere> {
  const isNear = except !== undefined && isWithUser(except, userId);
  // No script reaches two slots, and a session that was voided first could end before it is spared.
  const chosen =
    except && !isNear ? await spareElsewhere(scripts, keys, userId, except) : undefined;
  const spared = isNear || chosen !== undefined ? except : undefined;
  const { rest } = await scripts.run((client) =>
    voidUser(client, keys, userId, isNear ? except : undefined, settings.longestLifeMs, chosen),
  );
  const ended = await users.sum(userId, (ids) => revoke(ids.filter((id) => id !== spared)));
  return { ended, epoch: String(rest[0]) };
}

/** @returns the epoch from which the session is spared; `undefined` if it is not the user's. */
async function spareElsewhere(
  scripts: ScriptRunner,
  keys: SessionKeys,
  userId: string,
  id: SessionId,
): Promise<string | undefined> {
  const { rest } = await scripts.run((client) => claim(client, keys, userId));
  const epoch = String(rest[1]);
  const { status } = await scripts.run((client) => spare(client, keys, id, userId, epoch));
  return status === 'saved' ? epoch : undefined;
}
