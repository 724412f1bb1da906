import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { findRequestOfResolver, requestOfResolver } from './request-of-resolver.js';

const request = { headers: {} };
const info = { operation: { operation: 'query' } };
const of = (args: unknown[]) => new ExecutionContextHost(args);

describe('The request of a resolver', () => {
  it.each([
    ['a field, or a query', [undefined, { id: '1' }, { req: request }, info]],
    ['a reference of a federated subgraph', [{ id: '1' }, { req: request }, info]],
    ['the type of a union', [{ id: '1' }, { req: request }, info, { name: 'Page' }]],
    ['a loader of Mercurius', [[{ obj: {}, params: {} }], { reply: { request } }]],
    ['a socket of graphql-ws', [undefined, {}, { req: { extra: { request } } }, info]],
    ['a socket of Mercurius', [undefined, {}, { request: { raw: request }, reply: {} }, info]],
  ])('is found in the arguments of %s', (_, args) => {
    expect(requestOfResolver(of(args))).toBe(request);
  });

  it("is Node's own under Fastify", () => {
    const fastify = { req: { raw: request, headers: {} } };
    expect(requestOfResolver(of([undefined, {}, fastify, info]))).toBe(request);
  });

  it.each([
    ['a context with none', [undefined, {}, {}, info]],
    ['a context that is none', [undefined, {}, undefined, info]],
    ['a request that is none', [undefined, {}, { req: { user: 'alice' } }, info]],
    ['no arguments', []],
  ])('is missed, with advice, in %s', (_, args) => {
    expect(findRequestOfResolver(of(args))).toBeUndefined();
    expect(() => requestOfResolver(of(args))).toThrow(
      /Put it there: GraphQLModule\.forRoot\(\{ context: /,
    );
  });
});
