import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { SessionRepository } from 'nestjs-redis-session/testing';
import { type Library, openLibrary } from '../support/library.js';
import { type Content, textsOf } from './content.js';

type NewSession = Parameters<SessionRepository['create']>[0];

export const IDLE_SECONDS = 1800;
const LIFETIME = { idleSeconds: IDLE_SECONDS, absoluteSeconds: 43_200 };
const DEVICE = { address: '10.20.30.40', agent: 'Mozilla/5.0 (X11; Linux x86_64)' };
const NO_DEVICE = { address: undefined, agent: undefined };

export function openStore(redis: Redis): Promise<Library> {
  return openLibrary(redis, {
    idleTimeoutSeconds: LIFETIME.idleSeconds,
    absoluteTimeoutSeconds: LIFETIME.absoluteSeconds,
  });
}

/** Begins a session: a guest's where there is no user. */
export async function create(
  repository: SessionRepository,
  content: Content,
  userId?: string,
): Promise<void> {
  const proof = { provenAt: performance.now(), afterEpoch: undefined };
  const device = userId === undefined ? NO_DEVICE : DEVICE;
  // Its token never reaches Redis.
  const token = '' as NewSession['token'];
  const next = { id: newId(userId), token, userId, lifetime: LIFETIME, device, ...proof };
  const { kind } = await repository.create(next, textsOf(content));
  if (kind !== 'saved') throw new Error(`A session could not be created: ${kind}.`);
}

/** The first two bytes say in which slot it is: the user's. */
export function newId(userId: string | undefined): NewSession['id'] {
  const bytes = randomBytes(24);
  if (userId !== undefined) createHash('sha256').update(userId).digest().copy(bytes, 0, 0, 2);
  return bytes.toString('base64url') as NewSession['id'];
}
