import { METHODS, type PassportRequest } from './passport-request.js';

interface FastifyRequest {
  readonly raw: PassportRequest & Record<string, (...given: unknown[]) => unknown>;
}
interface FastifyReply {
  header(name: string, value: unknown): unknown;
  send(body: unknown): unknown;
}

/** What is used of Fastify. */
export interface FastifyApp {
  decorateRequest(name: string, value: unknown): void;
  hasReplyDecorator(name: string): boolean;
  decorateReply(name: string, value: unknown): void;
}

/**
 * Middleware gets Node's request under Fastify, and `AuthGuard` gets Fastify's: that shows what the other has. Strategies answer
 * with two methods of Node's response, when they send a visitor elsewhere; the reply gets these.
 */
export function decorateFastify(app: FastifyApp): void {
  for (const name of METHODS) {
    app.decorateRequest(name, function (this: FastifyRequest, ...given: unknown[]) {
      return this.raw[name]!(...given);
    });
  }
  for (const name of ['user', 'session'] as const) {
    app.decorateRequest(name, {
      getter(this: FastifyRequest) {
        return this.raw[name];
      },
      setter(this: FastifyRequest, value: object) {
        this.raw[name] = value;
      },
    });
  }
  const reply = {
    setHeader(this: FastifyReply, name: string, value: unknown) {
      return this.header(name, value);
    },
    end(this: FastifyReply, body?: unknown) {
      return this.send(body);
    },
  };
  for (const [name, method] of Object.entries(reply)) {
    if (!app.hasReplyDecorator(name)) app.decorateReply(name, method);
  }
}
