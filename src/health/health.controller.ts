import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { SessionService } from 'nestjs-redis-session';

@Controller('health')
export class HealthController {
  constructor(private readonly sessions: SessionService) {}

  @Get()
  async check() {
    try {
      const latencyMs = Math.round(await this.sessions.ping());
      return { status: 'ok', redis: { status: 'ok', latencyMs } };
    } catch {
      throw new ServiceUnavailableException({ status: 'down', redis: { status: 'down' } });
    }
  }
}
