import { setTimeout as wait } from 'node:timers/promises';
import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import {
  AllowAnonymous,
  type DurableOptions,
  Session,
  SessionGuard,
  SessionOptional,
  SessionService,
} from 'nestjs-redis-session';

declare module 'nestjs-redis-session' {
  interface SessionData {
    canary: string;
    visits: number;
    note: string;
  }
}

/** Names what the settings say of durability. */
export const DURABLE = Symbol('durable');

/** What the visitors of the fault scenarios do: each deed is one that somebody could lose, or be let in by. */
@Controller()
@UseGuards(SessionGuard)
export class SiteController {
  constructor(
    private readonly sessions: SessionService,
    @Inject(DURABLE) private readonly durable: DurableOptions,
  ) {}

  @Get('public') @AllowAnonymous() public() {
    return { ok: true };
  }

  @Get('optional') @AllowAnonymous() @SessionOptional() optional(@Session() session: Session) {
    return { user: session.userId ?? null };
  }

  @Get('me') me(@Session() session: Session) {
    return this.#told(session);
  }

  @Post('sign-in')
  @AllowAnonymous()
  @HttpCode(200)
  signIn(@Session() session: Session, @Body() { user }: { user: string }) {
    session.signIn(user, { data: { canary: `canary of ${user}`, visits: 0 }, ...this.durable });
    return { id: session.id };
  }

  @Post('visit') @HttpCode(200) visit(@Session() session: Session) {
    session.increment('visits');
    return this.#told(session);
  }

  @Post('note') @HttpCode(200) note(
    @Session() session: Session,
    @Body() { note }: { note: string },
  ) {
    session.set('note', note);
    return this.#told(session);
  }

  /** Holds the session for a while before it is saved; what happens to it meanwhile is the test's. */
  @Post('slow-note') @HttpCode(200) async slowNote(
    @Session() session: Session,
    @Body() { note, ms }: { note: string; ms: number },
  ) {
    console.log(`A slow note has begun: ${note}`);
    await wait(ms);
    session.set('note', note);
    return { ok: true };
  }

  /** What a stranger does who fills a basket. */
  @Post('guest')
  @AllowAnonymous()
  @HttpCode(200)
  guest(@Session() session: Session, @Body() { note }: { note: string }) {
    session.set('note', note);
    return { ok: true };
  }

  @Post('renew') @HttpCode(200) renew(@Session() session: Session) {
    session.renew();
    return { ok: true };
  }

  @Post('sign-out') @HttpCode(200) signOut(@Session() session: Session) {
    session.destroy(this.durable);
    return { ok: true };
  }

  @Post('sign-out-others') @HttpCode(200) async signOutOthers(@Session() session: Session) {
    return {
      ended: await this.sessions.revokeAllOfUser(session.userId!, {
        except: session,
        ...this.durable,
      }),
    };
  }

  #told(session: Session) {
    return {
      user: session.userId ?? null,
      canary: session.get('canary') ?? null,
      visits: session.get('visits') ?? 0,
      note: session.get('note') ?? null,
    };
  }
}
