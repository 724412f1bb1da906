import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Session } from '../core/session.js';
import { AllowAnonymous } from './allow-anonymous.decorator.js';
import { fieldsOfHandler } from './fields-of-handler.js';
import { bodyOfRefusal } from './http-error.js';
import { askSession } from './session-of-context.js';

/**
 * Lets signed-in users pass, and answers 401 to everybody else. Use it with `@UseGuards(SessionGuard)`, or for the
 * whole application with `{ provide: APP_GUARD, useClass: SessionGuard }` and `@AllowAnonymous()` on what is public.
 *
 * The 401 carries a `code`: `SESSION_REQUIRED`, or why the session that the visitor had is gone:
 * `SESSION_SIGNED_OUT`, `SESSION_REVOKED`, `SESSION_EVICTED` (the user signed in on more devices than they may),
 * `SESSION_RENEWED` (another request has a newer token).
 */
@Injectable()
export class SessionGuard implements CanActivate {
  /** A guard that an application derives may look at any. */
  readonly #asksNoField = this.constructor === SessionGuard;

  /**
   * Called by Nest, and by a guard that you derive.
   *
   * @param reflector finds the marks on handlers and controllers.
   */
  constructor(@Inject(Reflector) protected readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isOpenToAnyone(context)) return true;
    // Whether the route could do without a session is not asked: somebody has to be let in.
    const only = this.#asksNoField ? fieldsOfHandler(context) : undefined;
    return askSession(context, async (asked) => {
      const session = await asked.load(only);
      if (session.isSignedIn) return this.allows(session);
      throw this.refusal(session);
    });
  }

  /** Override it to let only some users pass; throw what they are to be answered. */
  protected allows(_session: Session): boolean | Promise<boolean> {
    return true;
  }

  /**
   * Whether `@AllowAnonymous()` is on the handler or on its controller; what the controller extends does not count. Then the
   * session is not loaded.
   */
  protected isOpenToAnyone(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return targets.some((target) => Reflect.hasOwnMetadata(AllowAnonymous.KEY, target));
  }

  /**
   * Override it to answer otherwise, for instance with a redirect to a page for signing in.
   *
   * @param session the stranger's; its `goneReason` may tell why it is one.
   */
  protected refusal(session: Session): Error {
    return new UnauthorizedException(bodyOfRefusal(session));
  }
}
