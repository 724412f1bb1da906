import { ForbiddenException, Injectable } from '@nestjs/common';
import { type Session, SessionGuard } from 'nestjs-redis-session';

/** Lets operators pass: strangers are answered 401, other users 403. */
@Injectable()
export class OperatorGuard extends SessionGuard {
  protected override allows(session: Session): boolean {
    if (session.get('role') === 'operator') return true;
    throw new ForbiddenException('Only an operator may do this.');
  }
}
