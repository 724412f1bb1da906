import { Reflector } from '@nestjs/core';

/** How fresh a sign-in must be on a route, in seconds. */
export const FreshSignIn = Reflector.createDecorator<number>({
  key: 'nestjs-redis-session:fresh-sign-in',
});
