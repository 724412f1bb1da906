import { Reflector } from '@nestjs/core';

/** Lets strangers pass {@link SessionGuard}: on a handler of a guarded controller, or on a controller. */
export const AllowAnonymous = Reflector.createDecorator<void, true>({ transform: () => true });
