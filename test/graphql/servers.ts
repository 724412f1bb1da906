import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { ApolloDriver } from '@nestjs/apollo';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { SessionGraphQLModule } from 'nestjs-redis-session/graphql';
import type { SessionOptions } from '../../libs/session/src/session.options.js';
import { type Platform, startApp, type TestApp } from '../support/app.js';
import { CookieJar } from '../support/browser-cookies.js';

export interface GraphQLServer {
  readonly name: string;
  readonly platform: Platform;
  readonly options: object;
}

const APOLLO = {
  driver: ApolloDriver,
  allowBatchedHttpRequests: true,
  playground: false,
  subscriptions: { 'graphql-ws': true },
};

export const GRAPHQL_SERVERS: readonly GraphQLServer[] = [
  { name: 'Apollo on Express', platform: 'express', options: APOLLO },
  { name: 'Apollo on Fastify', platform: 'fastify', options: APOLLO },
  {
    name: 'Mercurius',
    platform: 'fastify',
    options: {
      driver: MercuriusDriver,
      allowBatchedQueries: true,
      subscription: { fullWsTransport: true },
    },
  },
];

/**
 * @param more options of the driver besides.
 * @param modules of this library.
 */
export async function startGraphQL(
  { platform, options }: GraphQLServer,
  session: SessionOptions,
  providers: Type[],
  more: object = {},
  modules: NonNullable<ModuleMetadata['imports']> = [SessionGraphQLModule],
): Promise<TestApp> {
  const graphql = GraphQLModule.forRoot({ autoSchemaFile: true, ...options, ...more });
  return startApp(platform, session, { imports: [graphql, ...modules], providers });
}

export interface GraphQLAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { code: string; originalError?: { statusCode: number; code: string } };
  }[];
  /** Of an error of the session, in place of an answer of GraphQL. */
  readonly code?: string;
}

/** A browser whose pages ask by GraphQL. */
export class GraphQLVisitor {
  readonly jar = new CookieJar();

  constructor(private readonly site: { readonly url: string; readonly app: INestApplication }) {}

  async ask(query: string): Promise<GraphQLAnswer> {
    const response = await this.#post({ query });
    const body = (await response.json()) as Partial<GraphQLAnswer>;
    return { ...body, status: response.status, headers: response.headers };
  }

  async askAtOnce(...queries: string[]): Promise<Pick<GraphQLAnswer, 'data'>[]> {
    const response = await this.#post(queries.map((query) => ({ query })));
    return (await response.json()) as Pick<GraphQLAnswer, 'data'>[];
  }

  #post(body: object): Promise<Response> {
    return this.jar.fetch(`${this.site.url}/graphql`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }
}
