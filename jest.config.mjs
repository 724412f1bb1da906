/** One suite: the specs beside the library's files need nothing, those in `test` start real servers. */
export default {
  testEnvironment: 'node',
  roots: [
    '<rootDir>/libs',
    '<rootDir>/src',
    '<rootDir>/test',
    '<rootDir>/redis-server',
    '<rootDir>/package-test',
  ],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/libs/session/dist'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^nestjs-redis-session$': '<rootDir>/libs/session/src/index.ts',
    '^nestjs-redis-session/doctor$': '<rootDir>/libs/session/src/doctor/index.ts',
    '^nestjs-redis-session/events$': '<rootDir>/libs/session/src/events/index.ts',
    '^nestjs-redis-session/express-session$': '<rootDir>/libs/session/src/express-session/index.ts',
    '^nestjs-redis-session/gateway$': '<rootDir>/libs/session/src/gateway/index.ts',
    '^nestjs-redis-session/graphql$': '<rootDir>/libs/session/src/graphql/index.ts',
    '^nestjs-redis-session/passport$': '<rootDir>/libs/session/src/passport/index.ts',
    '^nestjs-redis-session/telemetry$': '<rootDir>/libs/session/src/telemetry/index.ts',
    '^nestjs-redis-session/terminus$': '<rootDir>/libs/session/src/terminus/index.ts',
    '^nestjs-redis-session/testing$': '<rootDir>/libs/session/src/testing/index.ts',
    '^nestjs-redis-session/websockets$': '<rootDir>/libs/session/src/websockets/index.ts',
    // That of @fastify/static is an ES module, which jest can require from Node 24.9 on; this one is none, and has the same.
    '^content-disposition$': '<rootDir>/node_modules/content-disposition',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  // What a file leaves in memory stays with the process that ran it: measured, 3.7 GB after 119 files, close to all that Node
  // takes. A process that keeps more than this is replaced between two files; the suite takes four fifths of the time.
  workerIdleMemoryLimit: '800MB',
  testTimeout: 30_000,
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  reporters: ['default', '<rootDir>/test/support/closing-line.mjs'],
};
