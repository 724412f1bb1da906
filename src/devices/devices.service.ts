import { Injectable, NotFoundException } from '@nestjs/common';
import { type SessionInfo, SessionService } from 'nestjs-redis-session';
import { secondsUntil } from '../seconds-until.js';

@Injectable()
export class DevicesService {
  constructor(private readonly sessions: SessionService) {}

  async list(userId: string, currentId: string) {
    const sessions = await this.sessions.listByUser(userId);
    return sessions.toSorted(newestFirst).map((session) => ({
      id: session.id,
      current: session.id === currentId,
      createdAt: session.createdAt.toISOString(),
      lastSeenAt: session.lastSeenAt.toISOString(),
      address: session.address,
      agent: session.agent,
      expiresInSeconds: secondsUntil(session.expiresAt),
    }));
  }

  /** Somebody else's session is answered exactly like one that does not exist. */
  async signOut(id: string, userId: string): Promise<void> {
    const own = await this.sessions.listByUser(userId);
    if (!own.some((session) => session.id === id)) {
      throw new NotFoundException('You have no device with this id.');
    }
    await this.sessions.revoke(id);
  }

  signOutOthers(userId: string, currentId: string): Promise<number> {
    return this.sessions.revokeAllOfUser(userId, { except: currentId });
  }

  signOutEverywhere(userId: string): Promise<number> {
    return this.sessions.revokeAllOfUser(userId);
  }
}

function newestFirst(a: SessionInfo, b: SessionInfo): number {
  return b.lastSeenAt.getTime() - a.lastSeenAt.getTime();
}
