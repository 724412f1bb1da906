import { type INestApplication, Body, Controller, Post } from '@nestjs/common';
import { Session, type SessionData, type SessionOptions } from 'nestjs-redis-session';
import { SessionGatewayModule, type SessionGatewayOptions } from 'nestjs-redis-session/gateway';
import { type Platform, startApp, type TestApp } from './app.js';
import { Visitor, VisitorController } from './visitor.js';

declare module 'nestjs-redis-session' {
  interface SessionData {
    tenant: string;
    roles: string[];
    seat: number;
    isOwner: boolean;
    displayName: string | null;
  }
}

@Controller()
class FieldsController {
  @Post('fields') set(@Session() session: Session, @Body() fields: Partial<SessionData>) {
    session.setAll(fields);
    return { ok: true };
  }
}

/** A site that answers proxies, too. */
export function startGatewaySite(
  platform: Platform,
  session: SessionOptions,
  gateway: SessionGatewayOptions,
  prepare?: (app: INestApplication) => void,
): Promise<TestApp> {
  const imports = [SessionGatewayModule.forRoot(gateway)];
  const controllers = [VisitorController, FieldsController];
  return startApp(platform, session, { imports, controllers }, prepare);
}

/** Somebody who is signed in there. */
export async function signedIn(
  site: { readonly url: string },
  user = 'alice',
  fields: Partial<SessionData> = {},
): Promise<Visitor> {
  const visitor = new Visitor(site);
  await visitor.post(`sign-in?user=${encodeURIComponent(user)}`);
  await visitor.post('fields', fields);
  return visitor;
}
