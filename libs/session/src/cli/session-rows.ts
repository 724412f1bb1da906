import type { SessionInfoFacts } from '../session-info.js';
import { fromNow, localTime } from './moments.js';

/** For programs: the same properties for every session, `null` for what is not known; moments in UTC. */
export function jsonOf(facts: SessionInfoFacts) {
  const { id, userId, createdAt, lastSeenAt, expiresAt, address, agent, deviceName } = facts;
  return {
    id,
    userId: userId ?? null,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    address: address ?? null,
    agent: agent ?? null,
    deviceName: deviceName ?? null,
  };
}

/** @param now by the clock of Redis. */
export function rowsOf(sessions: readonly SessionInfoFacts[], now: number): string[][] {
  return [
    ['ID', 'DEVICE', 'ADDRESS', 'CREATED', 'LAST SEEN', 'EXPIRES'],
    ...sessions.map(({ id, deviceName, address, createdAt, lastSeenAt, expiresAt }) => [
      id,
      deviceName ?? '-',
      address ?? '-',
      localTime(createdAt.getTime()),
      fromNow(lastSeenAt.getTime(), now),
      fromNow(expiresAt.getTime(), now),
    ]),
  ];
}
