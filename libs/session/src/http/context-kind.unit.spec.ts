import type { ExecutionContext } from '@nestjs/common';
import { addContextKind, kindOf, unknownContext } from './context-kind.js';
import { httpContext } from './http-context.js';

class Orders {
  place(): void {}
}

const contextOf = (type: string) =>
  ({
    getType: () => type,
    getClass: () => Orders,
    getHandler: () => Orders.prototype.place,
  }) as unknown as ExecutionContext;

describe('a session that is asked for where none is known', () => {
  it.each([
    ['ws', /SessionWebSocketsModule\.forRoot\(\{\}\) of nestjs-redis-session\/websockets/],
    ['graphql', /SessionGraphQLModule of nestjs-redis-session\/graphql/],
    ['rpc', /APP_GUARD.*context\.getType\(\) is "rpc"/],
    ['telegraf', /Use SessionService/],
  ])('gets an error that names the handler and what helps: %s', (type, help) => {
    const { code, message } = unknownContext(contextOf(type));
    expect(code).toBe('SESSION_STATE');
    expect(message).toContain(
      `Orders.place or its guard asked for a session in a context of type "${type}"`,
    );
    expect(message).toMatch(help);
  });

  it('is refused', () => {
    expect(() => kindOf(contextOf('telegraf'))).toThrow('a context of type "telegraf"');
  });

  it('is found in the kinds that were added', () => {
    const kind = { ...httpContext };
    addContextKind('added', kind);
    expect(kindOf(contextOf('added'))).toBe(kind);
    expect(kindOf(contextOf('http'))).toBe(httpContext);
  });
});
