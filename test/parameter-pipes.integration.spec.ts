import { Body, Controller, Get, Post, UseGuards, ValidationPipe } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { Session, SessionGuard } from 'nestjs-redis-session';
import { PLATFORMS, startApp, type TestApp } from './support/app.js';
import { useRedis } from './support/redis.js';
import { Visitor } from './support/visitor.js';

class Line {
  @IsInt() quantity!: number;
}

class Base {
  @Get('inherited') inherited(@Session() session: Session) {
    return { userId: session.userId };
  }
}

@Controller()
class Pages extends Base {
  @Post('in') signIn(@Session() session: Session) {
    session.signIn('alice', { data: { count: 1 } });
    return { ok: true };
  }
  @Get('me') @UseGuards(SessionGuard) me(@Session() session: Session) {
    return { userId: session.userId, isSession: typeof session.signIn === 'function' };
  }
  @Post('add') add(
    @Body() line: Line,
    @Session() session: Session,
    @Session('count') count: number,
  ) {
    session.increment('count', line.quantity);
    return { before: count };
  }
  @Get('count') count(@Session('count') count: number) {
    return { count };
  }
}

describe.each(PLATFORMS)('a pipe for all parameters, on %s', (platform) => {
  const redis = useRedis();
  let site: TestApp | undefined;
  afterEach(async () => {
    await site?.app.close();
    site = undefined;
  });

  it.each([
    { validateCustomDecorators: true, transform: true },
    {
      validateCustomDecorators: true,
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
    },
    { validateCustomDecorators: true },
    { transform: true, transformOptions: { enableImplicitConversion: true } },
  ])('leaves sessions as they are: ValidationPipe(%j)', async (options) => {
    site = await startApp(
      platform,
      { redis: redis.url },
      { controllers: [Pages] },
      (app) => void app.useGlobalPipes(new ValidationPipe(options)),
    );
    const visitor = new Visitor(site);
    expect((await visitor.post('in')).status).toBe(201);
    expect(await (await visitor.get('me')).json()).toEqual({ userId: 'alice', isSession: true });
    expect(await (await visitor.get('inherited')).json()).toEqual({ userId: 'alice' });
    expect(await (await visitor.post('add', { quantity: 2 })).json()).toEqual({ before: 1 });
    expect((await visitor.post('add', { quantity: 'two' })).status).toBe(400);
    expect(await (await visitor.get('count')).json()).toEqual({ count: 3 });
  });
});
