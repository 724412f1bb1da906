import type { Server } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

const EVERY_MS = 100;

/**
 * Closes connections that fall idle while the application shuts down. Node closes those that are idle when the server
 * stops listening. One that was busy then stays open until its keep-alive timeout, which is 72 seconds on Fastify, and the
 * application would wait for it.
 */
@Injectable()
export class IdleConnections implements BeforeApplicationShutdown, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;

  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter?.getHttpServer() as Partial<Server> | undefined;
    // A server of HTTP/2 ends its sessions itself.
    if (!server?.closeIdleConnections) return;
    this.#timer = setInterval(() => {
      // It may listen for a while yet: the application may be waiting until a load balancer has taken it out.
      if (!server.listening) server.closeIdleConnections!();
    }, EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }
}
