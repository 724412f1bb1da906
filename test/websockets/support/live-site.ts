import type { ModuleMetadata } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { SessionOptions } from 'nestjs-redis-session';
import { SessionEventsModule } from 'nestjs-redis-session/events';
import {
  SessionWebSocketsModule,
  type SessionWebSocketsOptions,
} from 'nestjs-redis-session/websockets';
import { Log } from '../../events/support/log.js';
import { type Platform, startApp, type TestApp } from '../../support/app.js';
import { Visitor, VisitorController } from '../../support/visitor.js';
import { type LiveClient, openSocket, type Transport } from './live-client.js';
import { LiveGateway, MembersGateway } from './live-gateway.js';

/** A site with gateways. */
export interface LiveSite extends TestApp {
  readonly transport: Transport;
  readonly log: Log;
}

export async function startLiveSite(
  platform: Platform,
  transport: Transport,
  session: SessionOptions,
  options: SessionWebSocketsOptions = {},
  { providers = [] }: Pick<ModuleMetadata, 'providers'> = {},
  Adapter = WsAdapter,
): Promise<LiveSite> {
  const log = new Log();
  const metadata = {
    imports: [SessionEventsModule.forRoot({}), SessionWebSocketsModule.forRoot(options)],
    controllers: [VisitorController],
    providers: [LiveGateway, MembersGateway, ...providers],
  };
  const site = await startApp(platform, session, metadata, (app) => {
    app.useLogger(log);
    // Without a word Nest takes that of socket.io.
    if (transport === 'ws') app.useWebSocketAdapter(new Adapter(app));
  });
  return { ...site, transport, log };
}

/** A browser that signs in, if there is a user. */
export async function visit(site: LiveSite, user?: string): Promise<Visitor> {
  const visitor = new Visitor(site);
  if (user) await visitor.post(`sign-in?user=${user}`);
  return visitor;
}

/** A tab of a browser opens a socket, to any instance. */
export function openTab(site: LiveSite, { jar }: Visitor): Promise<LiveClient> {
  const headers = jar.cookies.size > 0 ? { cookie: jar.header } : {};
  return openSocket(site.transport, site, { ...headers, origin: site.url });
}
