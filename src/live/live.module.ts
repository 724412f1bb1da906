import { Module } from '@nestjs/common';
import { SessionEventsModule } from 'nestjs-redis-session/events';
import { SessionWebSocketsModule } from 'nestjs-redis-session/websockets';
import { LiveGateway } from './live.gateway.js';

@Module({
  imports: [SessionEventsModule.forRoot({}), SessionWebSocketsModule.forRoot({})],
  providers: [LiveGateway],
})
export class LiveModule {}
