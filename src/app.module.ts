import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { SessionModule, type SessionOptions } from 'nestjs-redis-session';
import { AccountsModule } from './accounts/accounts.module.js';
import { CartModule } from './cart/cart.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { HealthModule } from './health/health.module.js';
import { LiveModule } from './live/live.module.js';
import { MySessionModule } from './my-session/my-session.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PageModule } from './page/page.module.js';
import { PreferencesModule } from './preferences/preferences.module.js';
import { SessionErrorFilter } from './session-error.filter.js';
import { sessionIndex } from './session-index.js';
import { Settings } from './settings.js';
import { SettingsModule } from './settings.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.forRoot(settings),
        SessionModule.forRootAsync({
          inject: [Settings],
          useFactory: sessionOptions,
        }),
        PageModule,
        CatalogModule,
        AccountsModule,
        MySessionModule,
        PreferencesModule,
        CartModule,
        DevicesModule,
        OperationsModule,
        LiveModule,
        HealthModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: SessionErrorFilter }],
    };
  }
}

function sessionOptions({ redisUrl, timeouts, sessionLimit }: Settings): SessionOptions {
  return {
    redis: redisUrl,
    index: sessionIndex,
    ...timeouts,
    ...(sessionLimit && {
      maxSessionsPerUser: { limit: sessionLimit, whenReached: 'evict-least-recently-used' },
    }),
  };
}
