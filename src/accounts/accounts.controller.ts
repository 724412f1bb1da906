import { Body, Controller, HttpCode, Post, UnauthorizedException } from '@nestjs/common';
import { Session } from 'nestjs-redis-session';
import { AccountsService } from './accounts.service.js';
import { readSignIn } from './sign-in.input.js';

@Controller('api')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Post('sign-in')
  @HttpCode(200)
  async signIn(@Body() body: unknown, @Session() session: Session) {
    const { username, password, remember } = readSignIn(body);
    const account = await this.accounts.check(username, password);
    if (!account) throw new UnauthorizedException('The name or the password is wrong.');
    const { id, tenant, role } = account;
    session.signIn(id, { remember, data: { tenant, role } });
    return { userId: id, tenant };
  }

  @Post('sign-out')
  @HttpCode(204)
  signOut(@Session() session: Session): void {
    session.destroy();
  }
}
