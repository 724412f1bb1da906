import fastifySession, { type Session as VisitorSession } from '@mgcrea/fastify-session';
import { RedisStore } from '@mgcrea/fastify-session-redis-store';
import { Body, Controller, Get, HttpCode, Post, Session } from '@nestjs/common';
import { Redis } from 'ioredis';
import { type Contestant, IDLE_SECONDS, SECRET } from './contestant.js';
import { registering } from './fastify-plugin.js';
import { newSession, type SignIn } from './new-session.js';

@Controller()
class MgcreaSessionController {
  #views = 0;

  @Post('sign-in')
  @HttpCode(200)
  signIn(@Body() body: SignIn, @Session() visitor: VisitorSession) {
    const fields = Object.entries({ user: body.user, ...newSession(body) });
    for (const [name, value] of fields) visitor.set(name, value);
    return { ok: true };
  }

  @Get(['read', 'field', 'stranger'])
  read(@Session() visitor: VisitorSession) {
    return { theme: visitor.get('theme') };
  }

  @Post('write')
  @HttpCode(200)
  write(@Session() visitor: VisitorSession) {
    const views = ++this.#views;
    visitor.set('views', views);
    return { views };
  }

  @Get('views')
  views(@Session() visitor: VisitorSession) {
    return { views: visitor.get('views') };
  }
}

/** As the README of its store has it. Strangers get no session, as for the others. */
export const contestant: Contestant = {
  open: (url) => {
    const options = {
      store: new RedisStore({ client: new Redis(url), ttl: IDLE_SECONDS }),
      secret: SECRET,
      cookie: { maxAge: IDLE_SECONDS },
      saveUninitialized: false,
    };
    return {
      metadata: { controllers: [MgcreaSessionController] },
      prepare: registering(fastifySession, options),
    };
  },
};
