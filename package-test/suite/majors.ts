/** Other majors of the peers than those that the project is developed with. */
export interface Majors {
  readonly name: string;
  readonly dependencies: Record<string, string>;
  /** Spec files that cannot run there, and why. */
  readonly leftOut?: { readonly pattern: string; readonly reason: string };
}

const nest11 = {
  ...Object.fromEntries(
    ['common', 'core', 'platform-express', 'platform-fastify', 'terminus', 'testing'].map(
      (name) => [`@nestjs/${name}`, '^11.0.0'],
    ),
  ),
  '@nestjs/passport': '^11.0.0',
  // These count their majors for themselves.
  ...Object.fromEntries(
    ['apollo', 'graphql', 'mercurius'].map((name) => [`@nestjs/${name}`, '^13.0.0']),
  ),
};
const ioredis5 = { ioredis: '^5.10.0' };

// The sample shop uses what is new in Nest 12: its security headers and its protection against CSRF.
const leftOut = { pattern: 'test/shop/', reason: 'the shop needs Nest 12' };

export const MAJORS: readonly Majors[] = [
  { name: 'nest-11', dependencies: nest11, leftOut },
  { name: 'ioredis-5', dependencies: ioredis5 },
  { name: 'nest-11-ioredis-5', dependencies: { ...nest11, ...ioredis5 }, leftOut },
];
