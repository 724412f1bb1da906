import { fastifySession } from '@fastify/session';
import { Body, Controller, HttpCode, Post, Session } from '@nestjs/common';
import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { type Contestant, IDLE_SECONDS, SECRET } from './contestant.js';
import { registering } from './fastify-plugin.js';
import { newSession, type SignIn } from './new-session.js';
import { ObjectSessionController } from './object-session.js';

@Controller()
class FastifySessionController extends ObjectSessionController {
  @Post('sign-in')
  @HttpCode(200)
  signIn(@Body() body: SignIn, @Session() visitor: object) {
    Object.assign(visitor, { user: body.user, ...newSession(body) });
    return { ok: true };
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
      prepare: registering(fastifySession, options),
    };
  },
};
