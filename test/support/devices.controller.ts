import { Controller, Delete, Get, Param, UseGuards } from '@nestjs/common';
import { Session, SessionGuard, SessionService } from 'nestjs-redis-session';

/** The devices of the user who asks, and the end of one of them. */
@Controller('devices')
@UseGuards(SessionGuard)
export class DevicesController {
  constructor(private readonly sessions: SessionService) {}
  @Get() list(@Session() session: Session) {
    return this.sessions.listByUser(session.userId!, { current: session });
  }
  @Delete(':id') async end(@Param('id') id: string, @Session() { userId }: Session) {
    return { ended: await this.sessions.revoke(id, { ofUser: userId! }) };
  }
}
