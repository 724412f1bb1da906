import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Session, type SessionData, SessionModule } from 'nestjs-redis-session';
import type { Theme } from '../../../src/preferences/theme.js';
import type { Contestant } from './contestant.js';
import { newSession, type SignIn } from './new-session.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    theme: Theme;
    views: number;
  }
}

@Controller()
class OurController {
  #views = 0;

  @Post('sign-in')
  @HttpCode(200)
  signIn(@Body() body: SignIn, @Session() session: Session) {
    session.signIn(body.user, { data: newSession(body) as Partial<SessionData> });
    return { ok: true };
  }

  @Get(['read', 'stranger'])
  read(@Session() session: Session) {
    return { theme: session.get('theme') };
  }

  @Get('field')
  field(@Session('theme') theme: Theme | undefined) {
    return { theme };
  }

  @Post('write')
  @HttpCode(200)
  write(@Session() session: Session) {
    const views = ++this.#views;
    session.set('views', views);
    return { views };
  }

  @Get('views')
  views(@Session() session: Session) {
    return { views: session.get('views') };
  }
}

/**
 * As the README has it. The cookie is not `Secure`, because the benchmark speaks plain HTTP; and on a machine that is
 * too busy a late answer is a result, as it is for the others, which wait for as long as it takes.
 */
export const contestant: Contestant = {
  open: (redis) => ({
    metadata: {
      imports: [
        SessionModule.forRoot({ redis, cookie: { secure: false }, storeTimeoutMs: 60_000 }),
      ],
      controllers: [OurController],
    },
  }),
};
