import { Body, Controller, HttpCode, type INestApplication, Post, Req } from '@nestjs/common';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { type Contestant, IDLE_SECONDS, SECRET } from './contestant.js';
import { newSession, type SignIn } from './new-session.js';
import { ObjectSessionController } from './object-session.js';

interface Request {
  readonly session: { regenerate(done: (error?: unknown) => void): void };
}

@Controller()
class ExpressSessionController extends ObjectSessionController {
  /** A new id first, as the documentation's example of a login does. */
  @Post('sign-in')
  @HttpCode(200)
  async signIn(@Body() body: SignIn, @Req() request: Request) {
    await new Promise<void>((resolve, reject) => {
      request.session.regenerate((error) => (error ? reject(error as Error) : resolve()));
    });
    Object.assign(request.session, { user: body.user, ...newSession(body) });
    return { ok: true };
  }
}

/** As the README of connect-redis has it, with a cookie that ends when the session does. */
export const contestant: Contestant = {
  open: async (url) => {
    const client = createClient({ url });
    await client.connect();
    const sessions = session({
      store: new RedisStore({ client }),
      resave: false,
      saveUninitialized: false,
      secret: SECRET,
      cookie: { maxAge: IDLE_SECONDS * 1000 },
    });
    return {
      metadata: { controllers: [ExpressSessionController] },
      prepare: (app: INestApplication) => app.use(sessions),
    };
  },
};
