import { Body, Controller, Delete, Get, Param, Post, Query, UseGuards } from '@nestjs/common';
import { Session, SessionGuard, SessionService } from 'nestjs-redis-session';
import { CookieJar } from './browser-cookies.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    note: string;
    count: number;
    lines: { sku: string; quantity: number }[];
  }
}

/** A small site that does with sessions whatever a test asks for. */
@Controller()
export class VisitorController {
  constructor(private readonly sessions: SessionService) {}

  @Get('public') open() {
    return { ok: true };
  }
  @Get('read') read(@Session() session: Session) {
    return { note: session.get('note') ?? null, userId: session.userId ?? null };
  }
  @Get('field') field(@Session('note') note: string | undefined) {
    return { note: note ?? null };
  }
  @Get('private') @UseGuards(SessionGuard) private(@Session() session: Session) {
    return { userId: session.userId };
  }
  @Post('write') write(@Session() session: Session, @Body() { note }: { note: string }) {
    session.set('note', note);
    session.increment('count');
    session.set('lines', [{ sku: note, quantity: 1 }]);
    return { ok: true };
  }
  @Post('sign-in') signIn(@Session() session: Session, @Query('user') user: string) {
    session.signIn(user);
    return { ok: true };
  }
  @Post('renew') renew(@Session() session: Session) {
    session.renew();
    return { ok: true };
  }
  @Post('sign-out') signOut(@Session() session: Session) {
    session.destroy();
    return { ok: true };
  }
  @Get('own-devices') @UseGuards(SessionGuard) async devices(@Session() session: Session) {
    const devices = await this.sessions.listByUser(session.userId!, { current: session });
    return { current: devices.map(({ isCurrent }) => isCurrent) };
  }
  @Delete('users/:user') async signOutEverywhere(@Param('user') user: string) {
    return { ended: await this.sessions.revokeAllOfUser(user) };
  }
}

/** A browser on that site. */
export class Visitor {
  readonly jar = new CookieJar();

  constructor(private readonly site: { readonly url: string }) {}

  async get(path: string): Promise<Response> {
    return this.jar.fetch(`${this.site.url}/${path}`);
  }

  async post(path: string, body: object = {}): Promise<Response> {
    return this.jar.fetch(`${this.site.url}/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  async delete(path: string): Promise<Response> {
    return this.jar.fetch(`${this.site.url}/${path}`, { method: 'DELETE' });
  }
}
