import { applyDecorators, UseGuards } from '@nestjs/common';
import { FreshSignIn } from './fresh-sign-in.decorator.js';
import { FreshSignInGuard } from './fresh-sign-in.guard.js';
import { SessionGuard } from './session.guard.js';

/**
 * Lets a user pass who has proved who they are within the last `seconds`; others get 401 with the code
 * `SESSION_NOT_FRESH`, and your page asks for the password again and calls `session.reauthenticated()`. Includes
 * {@link SessionGuard}. The time is asked of Redis: 1 command more.
 */
export function RequireFreshSignIn(seconds: number): MethodDecorator & ClassDecorator {
  return applyDecorators(FreshSignIn(seconds), UseGuards(SessionGuard, FreshSignInGuard));
}
