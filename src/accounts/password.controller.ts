import { Body, Controller, HttpCode, Post, UnauthorizedException, UseGuards } from '@nestjs/common';
import { RequireFreshSignIn, Session, SessionGuard, SessionService } from 'nestjs-redis-session';
import { AccountsService } from './accounts.service.js';
import { readCurrentPassword, readNewPassword } from './password.input.js';

/** How long a password that was typed counts as proof that it is still the same person at the keyboard. */
const FRESH_SECONDS = 300;

@Controller('api')
export class PasswordController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly sessions: SessionService,
  ) {}

  @Post('confirm-password')
  @HttpCode(200)
  @UseGuards(SessionGuard)
  async confirm(@Body() body: unknown, @Session() session: Session) {
    const account = await this.accounts.check(session.userId!, readCurrentPassword(body));
    if (!account) throw new UnauthorizedException('The password is wrong.');
    session.reauthenticated();
    return { confirmed: true };
  }

  @Post('password')
  @HttpCode(200)
  @RequireFreshSignIn(FRESH_SECONDS)
  async change(@Body() body: unknown, @Session() session: Session) {
    const userId = session.userId!;
    await this.accounts.changePassword(userId, readNewPassword(body));
    // Only now: whoever got in with the old password until this moment is signed out, too.
    const signedOut = await this.sessions.revokeAllOfUser(userId, { except: session });
    session.reauthenticated();
    return { signedOut };
  }
}
