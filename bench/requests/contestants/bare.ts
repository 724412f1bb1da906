import { randomBytes } from 'node:crypto';
import { Body, Controller, Get, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { Redis } from 'ioredis';
import { type Contestant, IDLE_SECONDS } from './contestant.js';
import { newSession, type SignIn } from './new-session.js';

interface Response {
  header(name: string, value: string): unknown;
}

/** The least that a session in Redis can cost: a cookie that names a hash, and commands by hand. */
@Controller()
class BareController {
  #views = 0;

  constructor(private readonly redis: Redis) {}

  @Post('sign-in')
  @HttpCode(200)
  async signIn(@Body() body: SignIn, @Res({ passthrough: true }) response: Response) {
    const id = randomBytes(24).toString('base64url');
    const fields = Object.entries({ user: body.user, ...newSession(body) });
    const texts = fields.map(([name, value]) => [name, JSON.stringify(value)] as const);
    await this.redis
      .pipeline()
      .hset(keyOf(id), new Map(texts))
      .pexpire(keyOf(id), IDLE_SECONDS * 1000)
      .exec();
    response.header('Set-Cookie', `id=${id}; Path=/; HttpOnly; SameSite=Lax`);
    return { ok: true };
  }

  @Get(['read', 'field', 'stranger'])
  async read(@Headers('cookie') cookie: string | undefined) {
    return { theme: (await this.#read(cookie)).theme };
  }

  /** Reads first as well: whoever only wrote would bring ended sessions back to life. */
  @Post('write')
  @HttpCode(200)
  async write(@Headers('cookie') cookie: string | undefined) {
    const { key } = await this.#read(cookie);
    if (key === undefined) return {};
    const views = ++this.#views;
    await this.redis
      .pipeline()
      .hset(key, 'views', JSON.stringify(views))
      .pexpire(key, IDLE_SECONDS * 1000)
      .exec();
    return { views };
  }

  @Get('views')
  async views(@Headers('cookie') cookie: string | undefined) {
    return { views: (await this.#read(cookie)).views };
  }

  async #read(
    cookie: string | undefined,
  ): Promise<Partial<Record<'key' | 'theme' | 'views', unknown> & { key: string }>> {
    const id = /(?:^|; )id=([\w-]{32})(?:;|$)/.exec(cookie ?? '')?.[1];
    if (id === undefined) return {};
    const key = keyOf(id);
    const { theme, views } = await this.redis.hgetall(key);
    if (theme === undefined || views === undefined) return {};
    return { key, theme: JSON.parse(theme), views: JSON.parse(views) };
  }
}

function keyOf(id: string): string {
  return `bare:${id}`;
}

export const contestant: Contestant = {
  open: (redisUrl) => ({
    metadata: {
      controllers: [BareController],
      providers: [{ provide: Redis, useFactory: () => new Redis(redisUrl) }],
    },
  }),
};
