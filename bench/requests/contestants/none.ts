import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import type { Contestant } from './contestant.js';
import { newSession, type SignIn } from './new-session.js';

/** The same application without any session: what all others add to. */
@Controller()
class NoSessionController {
  #views = 0;

  @Post('sign-in')
  @HttpCode(200)
  signIn(@Body() body: SignIn) {
    newSession(body);
    return { ok: true };
  }

  @Get(['read', 'field'])
  read() {
    return { theme: 'dark' };
  }

  @Post('write')
  @HttpCode(200)
  write() {
    return { views: ++this.#views };
  }

  @Get('views')
  views() {
    return { views: this.#views };
  }

  @Get('stranger')
  stranger() {
    return {};
  }
}

export const contestant: Contestant = {
  open: () => ({ metadata: { controllers: [NoSessionController] } }),
};
