import { Reflector } from '@nestjs/core';

/**
 * Lets anonymous visitors pass {@link SessionGuard}: on a handler of a guarded controller, or on a controller.
 *
 * On a controller it holds for that class alone: a class that extends it is guarded, with the handlers that it inherits,
 * unless it is marked itself. On a handler it stays with the method: a class that inherits the method inherits the mark, and a
 * method that overrides it is guarded unless it is marked itself.
 */
export const AllowAnonymous = Reflector.createDecorator<void, true>({
  // The same for each copy of this package in an application.
  key: 'nestjs-redis-session:allow-anonymous',
  transform: () => true,
});
