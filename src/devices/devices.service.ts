import { Injectable, NotFoundException } from '@nestjs/common';
import { type Session, SessionService } from 'nestjs-redis-session';

@Injectable()
export class DevicesService {
  constructor(private readonly sessions: SessionService) {}

  /** The session that was signed in to last comes first. */
  async list(current: Session) {
    const devices = await this.sessions.listByUser(current.userId!, { current });
    return devices.map((device) => ({
      id: device.id,
      current: device.isCurrent,
      name: device.deviceName,
      agent: device.agent,
      address: device.address,
      createdAt: device.createdAt.toISOString(),
      lastSeenAt: device.lastSeenAt.toISOString(),
      expiresInSeconds: device.expiresInSeconds,
    }));
  }

  /** Another user's session is answered exactly like one that does not exist. A new token does not save a device. */
  async signOut(id: string, userId: string): Promise<void> {
    const hasEnded = await this.sessions.revoke(id, { ofUser: userId });
    if (!hasEnded) throw new NotFoundException('You have no device with this id.');
  }

  signOutOthers(current: Session): Promise<number> {
    return this.sessions.revokeAllOfUser(current.userId!, { except: current });
  }

  signOutEverywhere(userId: string): Promise<number> {
    return this.sessions.revokeAllOfUser(userId);
  }
}
