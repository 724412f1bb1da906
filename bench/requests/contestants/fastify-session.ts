import { fastifyCookie } from '@fastify/cookie';
import { fastifySession } from '@fastify/session';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  type INestApplication,
  Post,
  Session,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { type Contestant, IDLE_SECONDS, SECRET } from './contestant.js';
import { newSession, type SessionFields, type SignIn } from './new-session.js';

@Controller()
class FastifySessionController {
  #views = 0;

  @Post('sign-in')
  @HttpCode(200)
  signIn(@Body() body: SignIn, @Session() visitor: object) {
    Object.assign(visitor, { user: body.user, ...newSession(body) });
    return { ok: true };
  }

  @Get(['read', 'field', 'stranger'])
  read(@Session() visitor: Partial<SessionFields>) {
    return { theme: visitor.theme };
  }

  @Post('write')
  @HttpCode(200)
  write(@Session() visitor: SessionFields) {
    visitor.views = ++this.#views;
    return { views: visitor.views };
  }

  @Get('views')
  views(@Session() visitor: SessionFields) {
    return { views: visitor.views };
  }
}

/**
 * As its README and its example with Redis have it, except for the client: connect-redis 9 needs `redis`. Strangers get
 * no session, as for the others. `rolling` is left as it is: without it a session would end while it is used.
 */
export const contestant: Contestant = {
  open: async (url) => {
    const client = createClient({ url });
    await client.connect();
    const options = {
      secret: SECRET,
      cookie: { secure: false, maxAge: IDLE_SECONDS * 1000 },
      saveUninitialized: false,
      store: new RedisStore({ client }),
    };
    return {
      metadata: { controllers: [FastifySessionController] },
      prepare: async (app: INestApplication) => {
        const fastify = app as NestFastifyApplication;
        await fastify.register(fastifyCookie);
        await fastify.register(fastifySession as never, options as never);
      },
    };
  },
};
