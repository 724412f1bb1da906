import type { ModuleMetadata } from '@nestjs/common';
import type { SessionOptions } from 'nestjs-redis-session';
import {
  type SessionEvent,
  type SessionEventGap,
  SessionEvents,
  SessionEventsModule,
  type SessionEventsOptions,
} from 'nestjs-redis-session/events';
import { idOfToken, type SessionToken } from '../../../libs/session/src/core/token.js';
import { type Platform, startApp, type TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { Visitor, VisitorController } from '../../support/visitor.js';
import { Log } from './log.js';

/** An application that listens, and everything that it has heard. */
export interface ListeningSite extends TestApp {
  readonly events: SessionEvents;
  readonly heard: SessionEvent[];
  readonly gaps: SessionEventGap[];
  readonly log: Log;
}

export async function startListeningSite(
  platform: Platform,
  session: SessionOptions,
  options: SessionEventsOptions = {},
  { providers = [] }: Pick<ModuleMetadata, 'providers'> = {},
  log = new Log(),
): Promise<ListeningSite> {
  const metadata = {
    imports: [SessionEventsModule.forRoot(options)],
    controllers: [VisitorController],
    providers,
  };
  const site = await startApp(platform, session, metadata, (app) => app.useLogger(log));
  const events = site.app.get(SessionEvents);
  const heard: SessionEvent[] = [];
  const gaps: SessionEventGap[] = [];
  events.all$.subscribe((event) => heard.push(event));
  events.gaps$.subscribe((gap) => gaps.push(gap));
  return { ...site, events, heard, gaps, log };
}

let marks = 0;

/** Until each site has heard whatever any of them did before: what one of them publishes comes in order. */
export async function settled(sites: readonly ListeningSite[]): Promise<void> {
  for (const site of sites) {
    const mark = `mark-${marks++}`;
    const visitor = new Visitor(site);
    await eventually('the site signs somebody in', async () => {
      const { status } = await visitor.post(`sign-in?user=${mark}`);
      return status === 201;
    });
    await eventually('each site has heard the mark', async () =>
      sites.every(({ heard }) => heard.some(({ userId }) => userId === mark)),
    );
  }
}

/** What all sites have heard of something that was done; fails where one has heard something else, or not in that order. */
export async function heardBy(
  sites: readonly ListeningSite[],
  act: () => Promise<unknown>,
): Promise<SessionEvent[]> {
  // What was done before may still be on its way.
  await settled(sites);
  for (const { heard } of sites) heard.length = 0;
  await act();
  await settled(sites);
  const [first, ...others] = sites.map(({ heard }) =>
    heard.filter(({ userId }) => !userId?.startsWith('mark-')),
  );
  for (const other of others) expect(other).toEqual(first);
  return first!;
}

/** The public id of the session that a browser has the token of. */
export function sessionOf({ jar }: Visitor): string {
  return idOfToken(jar.cookies.get('id') as SessionToken);
}
