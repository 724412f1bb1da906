import { Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { Session, SessionGuard } from 'nestjs-redis-session';
import { DevicesService } from './devices.service.js';

/** The guard lets nobody in without a user, hence the exclamation marks. */
@Controller('api/devices')
@UseGuards(SessionGuard)
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Get()
  list(@Session() session: Session) {
    return this.devices.list(session);
  }

  @Delete(':id')
  @HttpCode(204)
  async signOut(@Param('id') id: string, @Session() session: Session): Promise<void> {
    // Ending the session of this very request also clears its cookie.
    if (id === session.id) session.destroy();
    else await this.devices.signOut(id, session.userId!);
  }

  @Post('sign-out-others')
  @HttpCode(200)
  async signOutOthers(@Session() session: Session) {
    return { signedOut: await this.devices.signOutOthers(session) };
  }

  @Post('sign-out-everywhere')
  @HttpCode(200)
  async signOutEverywhere(@Session() session: Session) {
    const signedOut = await this.devices.signOutEverywhere(session.userId!);
    session.destroy();
    return { signedOut };
  }
}
