import { type DynamicModule, Module } from '@nestjs/common';
import { SessionModule, type SessionOptions } from 'nestjs-redis-session';
import { AccountsModule } from './accounts/accounts.module.js';
import { CartModule } from './cart/cart.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { DevicesModule } from './devices/devices.module.js';
import { HealthModule } from './health/health.module.js';
import { MySessionModule } from './my-session/my-session.module.js';
import { PageModule } from './page/page.module.js';
import { PreferencesModule } from './preferences/preferences.module.js';
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
        HealthModule,
      ],
    };
  }
}

function sessionOptions({ redisUrl, timeouts, sessionLimit }: Settings): SessionOptions {
  return {
    redis: redisUrl,
    ...timeouts,
    ...(sessionLimit && {
      maxSessionsPerUser: { limit: sessionLimit, whenReached: 'evict-oldest' },
    }),
  };
}
