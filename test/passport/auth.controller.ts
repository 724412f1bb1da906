import {
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Next,
  Post,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { Session, SessionGuard } from 'nestjs-redis-session';
import passport from 'passport';
import type { Person } from './people.js';

type Done = (error?: unknown) => void;

/** What the tests use of a request. */
export interface AuthRequest {
  user?: Person;
  readonly query: Record<string, string | undefined>;
  readonly session: Record<string, unknown> & {
    readonly id?: string;
    save(done: Done): void;
    destroy(done: Done): void;
    regenerate(done: Done): void;
  };
  logIn(user: unknown, options: object, done: Done): void;
  logOut(options: object, done: Done): void;
  isAuthenticated(): boolean;
  isUnauthenticated(): boolean;
}

/** A strategy, and the sign-in after it. */
export function logInBy(strategy: string) {
  @Injectable()
  class LogInGuard extends AuthGuard(strategy) {
    override async canActivate(context: ExecutionContext): Promise<boolean> {
      const isKnown = (await super.canActivate(context)) as boolean;
      await super.logIn(context.switchToHttp().getRequest());
      return isKnown;
    }
  }
  return LogInGuard;
}

const promised = (act: (done: Done) => void) =>
  new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())));

@Controller()
export class AuthController {
  @Get('who') who(@Req() request: AuthRequest) {
    const { user, session } = request;
    const [isAuthenticated, isNot] = [request.isAuthenticated(), request.isUnauthenticated()];
    if (isAuthenticated === isNot) throw new Error('Neither this nor that.');
    return { user: user?.name ?? null, isAuthenticated, fields: Object.keys(session) };
  }
  @Post('log-in') @UseGuards(logInBy('local')) logIn(@Req() { user }: AuthRequest) {
    return { user: user?.name };
  }
  @Post('log-in-remembered') @UseGuards(logInBy('local')) remembered(@Session() session: Session) {
    session.signIn(session.userId!, { remember: true });
  }
  @Post('log-in-once') @UseGuards(AuthGuard('local')) async once(@Req() request: AuthRequest) {
    await promised((done) => request.logIn(request.user, { session: false }, done));
    return { user: request.user?.name, isAuthenticated: request.isAuthenticated() };
  }
  @Post('log-in-twice') @UseGuards(SessionGuard, AuthGuard('local')) twice() {
    return { ok: true };
  }
  @Post('log-out') async logOut(@Req() request: AuthRequest) {
    await promised((done) => request.logOut(request.query, done));
    await promised((done) => request.logOut(request.query, done));
    return { isAuthenticated: request.isAuthenticated() };
  }
  @Post('save') async save(@Req() { session }: AuthRequest) {
    session['note'] = 'saved';
    await promised((done) => session.save(done));
    return { id: session.id ?? null };
  }
  @Post('regenerate') regenerate(@Req() { session }: AuthRequest) {
    return promised((done) => session.regenerate(done)).catch(({ message }: Error) => ({
      message,
    }));
  }
  @Post('destroy') destroy(@Req() { session }: AuthRequest) {
    return promised((done) => session.destroy(done));
  }
  @Post('remember') remember(@Req() { session }: AuthRequest) {
    session['returnTo'] = '/where/they/were';
  }
  @Get('provider') @UseGuards(logInBy('provider')) provider(@Req() { user }: AuthRequest) {
    return { user: user?.name };
  }
  /** A form of Passport without Nest. */
  @Post('form') form(@Req() request: never, @Res() response: never, @Next() next: Done) {
    const options = { failureMessage: true, failureRedirect: '/failed', keepSessionInfo: true };
    const success = { successReturnToOrRedirect: '/home' };
    const authenticate = passport.authenticate('local', { ...options, ...success }) as (
      request: unknown,
      response: unknown,
      next: Done,
    ) => void;
    authenticate(request, response, next);
  }
  /** As connect-flash does: what it has written it goes on to write into. */
  @Post('flash') flash(@Req() { session }: AuthRequest) {
    const flash = (session['flash'] = (session['flash'] ?? {}) as Record<string, unknown[]>);
    for (const text of ['one', 'two']) (flash['info'] = flash['info'] ?? []).push(text);
    const trail = (session['trail'] = { steps: [] as unknown[], at: new Date(0), not: undefined });
    trail.steps.push({ to: 'cart' }, new Date(1000));
    return { isSame: session['flash'] === flash && session['trail'] === trail };
  }
  @Post('alter') alter(@Req() { session }: AuthRequest) {
    const trail = session['trail'] as { steps: unknown[]; at?: unknown };
    trail.steps.push(new Date(2000), undefined);
    delete trail.at;
    session['gone'] = 'a moment';
    session['gone'] = undefined;
    session['method'] = () => 1;
  }
  @Get('flashed') flashed(@Req() { session }: AuthRequest) {
    const { flash, trail } = session;
    delete session['flash'];
    return { flash: flash ?? null, trail, fields: Object.keys(session) };
  }
  @Post('flash-and-log-in') @UseGuards(logInBy('local')) flashAndLogIn(
    @Req() request: AuthRequest,
  ) {
    return this.flash(request);
  }
  @Get('messages') messages(@Req() { session }: AuthRequest) {
    return { messages: session['messages'] ?? null };
  }
}
