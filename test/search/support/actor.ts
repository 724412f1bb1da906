import { Body, Controller, Get, Post } from '@nestjs/common';
import { Session, type SessionData, type SessionField } from 'nestjs-redis-session';
import { idOfToken, type SessionToken } from '../../../libs/session/src/core/token.js';
import { Visitor } from '../../support/visitor.js';

/** What a request does to its session, in this order. */
export interface Act {
  readonly set?: Partial<SessionData>;
  readonly remove?: readonly SessionField[];
  readonly addToViews?: number;
  readonly signIn?: string;
  readonly does?: 'renew' | 'destroy';
}

/** A site that does with sessions whatever a test asks for. */
@Controller()
export class ActingController {
  @Get('look') look(@Session() session: Session) {
    return { userId: session.userId ?? null };
  }
  @Post('act') act(@Session() session: Session, @Body() act: Act) {
    session.setAll(act.set ?? {});
    for (const field of act.remove ?? []) session.delete(field);
    if (act.addToViews !== undefined) session.increment('views', act.addToViews);
    if (act.signIn !== undefined) session.signIn(act.signIn);
    if (act.does !== undefined) session[act.does]();
    return { ok: true };
  }
}

/** A browser on that site. */
export class Actor extends Visitor {
  async act(act: Act): Promise<string> {
    const response = await this.post('act', act);
    if (response.status !== 201) throw new Error(`The site answered ${response.status}.`);
    return this.id;
  }

  /** The public id of the session that its cookie opens. */
  get id(): string {
    return idOfToken(this.jar.cookies.get('id') as SessionToken);
  }
}
