import type { INestApplicationContext } from '@nestjs/common';
import { saveSession } from '../core/save-session.js';
import { Session } from '../core/session.js';
import type { SignInOptions } from '../core/session-context.js';
import { SessionRepository } from '../core/session-repository.js';
import { SessionError } from '../session.errors.js';
import { SessionSettings } from '../session.settings.js';

/**
 * Signs a user in without a request, for end-to-end tests that are not about signing in:
 *
 * ```ts
 * import type { INestApplication } from '@nestjs/common';
 * import { signInForTest } from 'nestjs-redis-session/testing';
 * import request from 'supertest';
 *
 * export async function signedInAgent(app: INestApplication) {
 *   return request.agent(app.getHttpServer()).set('Cookie', await signInForTest(app, 'alice'));
 * }
 * ```
 *
 * @returns what to send as the `Cookie` header.
 */
export async function signInForTest(
  app: INestApplicationContext,
  userId: string,
  options: SignInOptions = {},
): Promise<string> {
  const settings = app.get(SessionSettings, { strict: false });
  const device = { address: '127.0.0.1', agent: 'signInForTest' };
  const session = new Session(undefined, { ...settings, device, startedAt: performance.now() });
  session.signIn(userId, options);
  const outcome = await saveSession(app.get(SessionRepository, { strict: false }), session);
  if (outcome.kind === 'created') return `${settings.cookie.name}=${outcome.next.token}`;
  throw new SessionError('SESSION_STATE', 'signInForTest() did not create a session.');
}
