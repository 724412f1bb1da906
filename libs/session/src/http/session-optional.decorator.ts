import { Reflector } from '@nestjs/core';

/**
 * A route, or a controller, that carries on while Redis does not answer: `@Session()` gives a stranger's session then,
 * with `isUnavailable`, and the cookie is left alone. For pages that are better shown without the visitor's name than
 * not at all. What such a request writes cannot be saved, so it is answered with 503 as ever; and so is
 * every request that a guard wants to know the user of.
 */
export const SessionOptional = Reflector.createDecorator<void, true>({
  key: 'nestjs-redis-session:session-optional',
  transform: () => true,
});
