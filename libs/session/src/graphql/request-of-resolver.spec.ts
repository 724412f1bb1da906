import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { requestOfResolver } from './request-of-resolver.js';

const request = { headers: {} };
const info = { operation: { operation: 'query' } };
const requestOf = (...args: unknown[]) => requestOfResolver(new ExecutionContextHost(args));

describe('The request of a resolver', () => {
  it.each([
    ['a field, or a query', [undefined, { id: '1' }, { req: request }, info]],
    ['a reference of a federated subgraph', [{ id: '1' }, { req: request }, info]],
    ['the type of a union', [{ id: '1' }, { req: request }, info, { name: 'Page' }]],
    ['a loader of Mercurius', [[{ obj: {}, params: {} }], { reply: { request } }]],
  ])('is found in the arguments of %s', (_, args) => {
    expect(requestOf(...args)).toBe(request);
  });

  it("is Node's own under Fastify", () => {
    expect(requestOf(undefined, {}, { req: { raw: request, headers: {} } }, info)).toBe(request);
  });

  it.each([
    ['a context with none', [undefined, {}, {}, info]],
    ['a context that is none', [undefined, {}, undefined, info]],
    ['a request that is none', [undefined, {}, { req: { user: 'alice' } }, info]],
    ['no arguments', []],
  ])('is missed, with advice, in %s', (_, args) => {
    expect(() => requestOf(...args)).toThrow(/Put it there: GraphQLModule\.forRoot\(\{ context: /);
  });

  it.each([
    [
      'a subscription',
      [undefined, {}, { req: request }, { operation: { operation: 'subscription' } }],
    ],
    ['a socket of graphql-ws', [undefined, {}, { req: { extra: { request } } }, info]],
    ['an upgraded request', [undefined, {}, { req: { headers: { upgrade: 'websocket' } } }, info]],
  ])('is refused in %s', (_, args) => {
    expect(() => requestOf(...args)).toThrow(/subscription, or over a websocket/);
  });
});
