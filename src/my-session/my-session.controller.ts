import { Controller, Get } from '@nestjs/common';
import { Session } from 'nestjs-redis-session';
import { secondsUntil } from '../seconds-until.js';
import { Settings } from '../settings.js';
import type { MySession } from './my-session.js';

/** Only reads, so it creates nothing for a stranger. */
@Controller('api/session')
export class MySessionController {
  constructor(private readonly settings: Settings) {}

  @Get()
  show(@Session() session: Session): MySession {
    return {
      signedIn: session.isSignedIn,
      endedCode: endedCodeOf(session),
      id: session.id,
      userId: session.userId,
      tenant: session.get('tenant'),
      cart: session.get('cart') ?? [],
      views: session.get('views') ?? 0,
      theme: session.get('theme') ?? null,
      createdAt: session.createdAt?.toISOString(),
      lastSeenAt: session.lastSeenAt?.toISOString(),
      expiresInSeconds: session.expiresAt && secondsUntil(session.expiresAt),
      instance: this.settings.instanceName,
      fields: fieldsOf(session),
    };
  }
}

function endedCodeOf({ goneReason }: Session): string | undefined {
  return goneReason && `SESSION_${goneReason.toUpperCase().replace('-', '_')}`;
}

function fieldsOf(session: Session): Record<string, unknown> {
  return Object.fromEntries(session.fieldNames().map((name) => [name, session.get(name)]));
}
