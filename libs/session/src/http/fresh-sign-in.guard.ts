import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { fieldsOfHandler } from './fields-of-handler.js';
import { FreshSignIn } from './fresh-sign-in.decorator.js';
import { askSession } from './session-of-context.js';

/** What `@RequireFreshSignIn(seconds)` puts on a route. */
@Injectable()
export class FreshSignInGuard implements CanActivate {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const seconds = this.reflector.getAllAndOverride(FreshSignIn, [
      context.getHandler(),
      context.getClass(),
    ]);
    const only = fieldsOfHandler(context);
    return askSession(context, async (session) => {
      const age = await session.secondsSinceProof(only);
      if (age !== undefined && age <= seconds) return true;
      throw new UnauthorizedException({
        statusCode: 401,
        message: 'Confirm who you are first.',
        code: 'SESSION_NOT_FRESH',
      });
    });
  }
}
