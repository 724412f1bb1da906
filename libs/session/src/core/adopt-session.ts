import { isFieldName } from '../field-name.js';
import { SessionError } from '../session.errors.js';
import type { Lifetime } from '../session.settings.js';
import type { FormerSession } from '../session-source.js';
import { encodeValue } from './json.js';
import type { SessionContext } from './session-context.js';
import type { SizeLimits } from './session-fields.js';
import type { SessionRepository } from './session-repository.js';
import { createToken, idOfToken, tokenOfSecret, shardOfUser, type SessionToken } from './token.js';

/** What a request needs to know of the session that it has begun with a former one. */
export interface Adopted {
  /**
   * Of a user's session made of the former session's secret, so that every request with the old cookie comes to the same session. Of a
   * guest's random: the old cookie may have been planted, and who planted it must not see what another browser does.
   */
  readonly token: SessionToken;
  readonly lifetime: Lifetime;
  /** The names of the fields that it could not take over. */
  readonly refused: readonly string[];
}

/**
 * Begins a session with what a former one held, unless another request has, or the session has ended since, or its user
 * was signed out everywhere: who reads it finds out.
 *
 * @param former its user id can be one, or is not there.
 * @returns `undefined` when the user has as many sessions as they may.
 */
export async function adoptSession(
  former: FormerSession,
  repository: SessionRepository,
  context: SessionContext,
  longestLifeMs: number,
): Promise<Adopted | undefined> {
  const { userId, isRemembered = false, secret } = former;
  const token = userId === undefined ? createToken() : tokenOfSecret(secret, shardOfUser(userId));
  const lifetime = isRemembered ? context.rememberedLifetime : context.lifetime;
  const { texts, refused } = encodeFields(former.fields, context);
  const next = {
    id: idOfToken(token),
    token,
    userId,
    isRemembered,
    lifetime,
    device: context.device,
    // Nobody has proved anything by sending an old cookie.
    provenAt: performance.now() - ageOfProof(former, repository.now(), longestLifeMs),
    afterEpoch: undefined,
    isAdopted: true,
  };
  const { kind } = await repository.create(next, texts);
  return kind === 'limit' ? undefined : { token, lifetime, refused };
}

/** A sign-out everywhere is remembered for as long as a session can live, so this is as old as a proof needs to be. */
function ageOfProof(
  { authenticatedAt = -Infinity }: FormerSession,
  now: number,
  longestLifeMs: number,
): number {
  const age = now - authenticatedAt;
  return age >= 0 ? Math.min(age, longestLifeMs) : longestLifeMs;
}

/** Whoever had a session before is not to lose it because of one field. */
function encodeFields(
  fields: object,
  { maxFieldBytes, maxSessionBytes }: SizeLimits,
): { texts: ReadonlyMap<string, string>; refused: readonly string[] } {
  const texts = new Map<string, string>();
  const refused: string[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const text = isFieldName(name) ? encodeOrRefuse(name, value, maxFieldBytes) : undefined;
    const size = text === undefined ? Infinity : Buffer.byteLength(name) + Buffer.byteLength(text);
    if (text === undefined || bytes + size > maxSessionBytes) {
      refused.push(name);
      continue;
    }
    texts.set(name, text);
    bytes += size;
  }
  return { texts, refused };
}

function encodeOrRefuse(name: string, value: unknown, maxBytes: number): string | undefined {
  try {
    return encodeValue(name, value, maxBytes);
  } catch (error) {
    if (error instanceof SessionError) return undefined;
    throw error;
  }
}
