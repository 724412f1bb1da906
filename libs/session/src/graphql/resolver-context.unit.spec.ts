import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { resolverContext } from './resolver-context.js';

const request = { headers: {} };
const upgraded = { headers: { upgrade: 'WebSocket' } };
const query = { operation: { operation: 'query' } };
const subscription = { operation: { operation: 'subscription' } };

describe('The session of a resolver', () => {
  it.each([
    ['a subscription that is no socket', { req: request }, subscription],
    ['a socket of graphql-ws', { req: { extra: { request: upgraded } } }, query],
    ['an upgraded request', { req: upgraded }, query],
  ])('is refused, with advice, in %s whose handshake nobody has seen', (_, context, info) => {
    const asked = new ExecutionContextHost([undefined, {}, context, info]);
    expect(() => resolverContext.sessionOf(asked)).toThrow(
      /subscription, or over a websocket.*Import SessionEventsModule/,
    );
  });
});
