import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SessionModule } from 'nestjs-redis-session';
import { PLATFORMS } from './support/app.js';
import { useCleanup } from './support/cleanup.js';
import { eventually } from './support/eventually.js';
import { rawOf } from './support/raw-response.js';
import { useRedis } from './support/redis.js';

let letGo: () => void;
let released: Promise<void>;

@Controller('slow')
class SlowController {
  @Get('ready') ready() {
    return { ok: true };
  }
  @Get('answer') async answer() {
    await released;
    return { ok: true };
  }
  @Get('stream') async stream(@Res() response: object) {
    const raw = rawOf(response);
    raw.write('begun, ');
    await released;
    raw.end();
  }
}

describe.each(PLATFORMS)(
  'shutting down on %s, over connections that are kept alive',
  (platform) => {
    const redis = useRedis();
    const defer = useCleanup();
    let agent: Agent;
    beforeEach(() => {
      agent = new Agent({ keepAlive: true });
      defer(() => agent.destroy());
      released = new Promise((resolve) => (letGo = resolve));
    });

    const start = async () => {
      @Module({
        imports: [SessionModule.forRoot({ redis: redis.url })],
        controllers: [SlowController],
      })
      class SlowModule {}
      const adapter = platform === 'express' ? new ExpressAdapter() : new FastifyAdapter();
      const app = await NestFactory.create(SlowModule, adapter as never, { logger: false });
      await app.listen(0, '127.0.0.1');
      const server = app.getHttpServer() as Server;
      // Longer than a test may take: one that waits for it fails.
      server.keepAliveTimeout = 60_000;
      const stopsListening = () =>
        eventually('the server has stopped listening', async () => !server.listening);
      return {
        app,
        stopsListening,
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      };
    };
    const ask = async (url: string): Promise<IncomingMessage> => {
      const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
      return response;
    };

    it('waits for a response that has begun, and for its connection no longer', async () => {
      const site = await start();
      const response = await ask(`${site.url}/slow/stream`);
      const closed = site.app.close();
      await site.stopsListening();
      letGo();
      expect(await text(response)).toBe('begun, ');
      await closed;
    });

    it('waits for a request whose response has not begun', async () => {
      const site = await start();
      const asked = ask(`${site.url}/slow/answer`);
      await expect(ask(`${site.url}/slow/ready`).then(text)).resolves.toBe('{"ok":true}');
      const closed = site.app.close();
      await site.stopsListening();
      letGo();
      expect(JSON.parse(await text(await asked))).toEqual({ ok: true });
      await closed;
    });
  },
);
