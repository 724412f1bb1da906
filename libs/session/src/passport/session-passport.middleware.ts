import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { toHttpException } from '../http/http-error.js';
import { RequestSession } from '../http/request-session.js';
import { giveMethods, type PassportRequest } from './passport-request.js';
import { PassportSession } from './passport-session.js';
import { PASSPORT_OPTIONS, type SessionPassportOptions } from './session-passport.options.js';
import { sessionView } from './session-view.js';

/** Loads the session of each request, and puts on the request what Passport, its strategies and its users look for there. */
@Injectable()
export class SessionPassportMiddleware implements NestMiddleware<PassportRequest, ServerResponse> {
  constructor(@Inject(PASSPORT_OPTIONS) private readonly options: SessionPassportOptions) {}

  async use(request: PassportRequest, response: ServerResponse, next: () => void): Promise<void> {
    const errorFor = (error: unknown) => toHttpException(error, response);
    try {
      const session = await RequestSession.of(request).load();
      const passportSession = new PassportSession(session, request, this.options);
      request.session = sessionView(session, () => passportSession.signOut());
      giveMethods(request, passportSession, errorFor);
      const user = await passportSession.user();
      // Where nobody is signed in, something else may know who it is.
      if (user !== undefined) request.user = user;
    } catch (error) {
      throw errorFor(error);
    }
    next();
  }
}
