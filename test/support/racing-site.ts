import { Body, Controller, Get, HttpCode, Inject, Post, Query, UseGuards } from '@nestjs/common';
import { AllowAnonymous, Session, SessionGuard } from 'nestjs-redis-session';
import { Barriers } from './barriers.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    left: string;
    right: string;
    visits: number;
    basket: string[];
  }
}

/**
 * A small site whose handlers are as slow as a test wants: each has loaded its session, then waits at the barrier that
 * the query names, then does its work.
 */
@Controller()
@UseGuards(SessionGuard)
export class RacingSite {
  constructor(@Inject(Barriers) private readonly barriers: Barriers) {}

  @Get('state')
  @AllowAnonymous()
  async state(@Session() session: Session, @Query('wait') wait?: string) {
    await this.barriers.pass(wait);
    return stateOf(session);
  }

  @Get('account')
  account(@Session() session: Session) {
    return stateOf(session);
  }

  @Post('write')
  @AllowAnonymous()
  async write(
    @Session() session: Session,
    @Body() fields: { left?: string; right?: string },
    @Query('wait') wait?: string,
  ) {
    await this.barriers.pass(wait);
    if (fields.left !== undefined) session.set('left', fields.left);
    if (fields.right !== undefined) session.set('right', fields.right);
    return { ok: true };
  }

  @Post('account/write')
  async writeOfUser(@Session() session: Session, @Query('wait') wait?: string) {
    await this.barriers.pass(wait);
    session.set('left', 'late');
    return { ok: true };
  }

  @Post('visits')
  @AllowAnonymous()
  visit(@Session() session: Session) {
    return { visits: session.increment('visits') };
  }

  @Post('basket')
  @AllowAnonymous()
  fill(@Session() session: Session, @Body() { item }: { item: string }) {
    session.update('basket', (basket = []) => [...basket, item]);
    return { ok: true };
  }

  @Post('sign-in')
  @AllowAnonymous()
  async signIn(
    @Session() session: Session,
    @Body() { user }: { user: string },
    @Query('wait') wait?: string,
  ) {
    await this.barriers.pass(wait);
    session.signIn(user);
    return { ok: true };
  }

  @Post('sign-out')
  @AllowAnonymous()
  @HttpCode(204)
  signOut(@Session() session: Session) {
    session.destroy();
  }

  @Get('plain')
  @AllowAnonymous()
  plain() {
    return { ok: true };
  }
}

export interface SiteState {
  user: string | null;
  left: string | null;
  right: string | null;
  visits: number;
  basket: string[];
}

function stateOf(session: Session): SiteState {
  return {
    user: session.userId ?? null,
    left: session.get('left') ?? null,
    right: session.get('right') ?? null,
    visits: session.get('visits') ?? 0,
    basket: session.get('basket') ?? [],
  };
}
