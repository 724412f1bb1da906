import { UseFilters, UseGuards } from '@nestjs/common';
import {
  Ack,
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import {
  AllowAnonymous,
  RequireFreshSignIn,
  Session,
  SessionGuard,
  SessionOptional,
} from 'nestjs-redis-session';
import { from, map, type Observable } from 'rxjs';
import { meetAt } from './meeting.js';
import { TELLING_FILTERS } from './telling-filter.js';

/** What both transports send to the peer that asked. */
export interface Answer {
  readonly event: 'answer';
  readonly data: unknown;
}
export const answer = (data: unknown): Answer => ({ event: 'answer', data });

export const PATH = '/live';

/** Does with sessions in messages whatever a test asks for. */
@WebSocketGateway({ path: PATH })
@UseFilters(...TELLING_FILTERS)
export class LiveGateway {
  @SubscribeMessage('nothing') nothing() {
    return answer('nothing');
  }
  @SubscribeMessage('read') read(@Session() session: Session) {
    return answer({
      userId: session.userId ?? null,
      note: session.get('note') ?? null,
      goneReason: session.goneReason ?? null,
    });
  }
  @SubscribeMessage('field') field(@Session('note') note: string | undefined) {
    return answer(note ?? null);
  }
  @SubscribeMessage('optional') @SessionOptional() optional(@Session() session: Session) {
    return answer(session.isUnavailable);
  }
  @SubscribeMessage('private') @UseGuards(SessionGuard) private(@Session() session: Session) {
    return answer(session.userId);
  }
  @SubscribeMessage('fresh') @RequireFreshSignIn(60) fresh() {
    return answer('fresh');
  }
  @SubscribeMessage('stale') @RequireFreshSignIn(-1) stale() {
    return answer('stale');
  }
  @SubscribeMessage('write') write(@Session() session: Session, @MessageBody() note: string) {
    session.set('note', note);
    return answer('written');
  }
  @SubscribeMessage('count') async count(@Session() session: Session) {
    // All have read before one of them writes.
    await meetAt('count');
    session.update('count', (count = 0) => count + 1);
    return answer('counted');
  }
  @SubscribeMessage('stream') stream(@Session() session: Session): Observable<Answer> {
    return from(['first', 'second']).pipe(
      map((note) => {
        if (note === 'first') session.set('note', note);
        return answer(note);
      }),
    );
  }
  @SubscribeMessage('late') late(@Session() session: Session): Observable<Answer> {
    return from(['first', 'second']).pipe(
      map((note) => {
        session.set('note', note);
        return answer(note);
      }),
    );
  }
  @SubscribeMessage('slow')
  async slow(@Session() session: Session, @MessageBody() note: string) {
    await meetAt('begun');
    await meetAt('left');
    session.set('note', note);
    return answer('slow');
  }
  @SubscribeMessage('refuse') refuse(@Session() session: Session, @MessageBody() note: string) {
    session.set('note', note);
    throw new WsException('no');
  }
  @SubscribeMessage('acknowledge') acknowledge(
    @Session() session: Session,
    @MessageBody() note: string,
    @Ack() acknowledged?: (text: string) => void,
  ) {
    session.set('note', note);
    acknowledged?.('acknowledged');
  }
  @SubscribeMessage('sign-in') signIn(@Session() session: Session, @MessageBody() user: string) {
    session.signIn(user);
    return answer('signed in');
  }
  @SubscribeMessage('renew') renew(@Session() session: Session) {
    session.renew();
    return answer('renewed');
  }
  @SubscribeMessage('sign-out') signOut(@Session() session: Session) {
    session.destroy();
    return answer('signed out');
  }
}

/** A gateway for users, of the same server. */
@WebSocketGateway({ path: PATH })
@UseFilters(...TELLING_FILTERS)
@UseGuards(SessionGuard)
export class MembersGateway {
  @SubscribeMessage('members') members(@Session('note') note: string | undefined) {
    return answer(note ?? null);
  }
  @SubscribeMessage('everybody') @AllowAnonymous() everybody() {
    return answer('everybody');
  }
}
