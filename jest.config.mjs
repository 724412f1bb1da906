/**
 * Where a spec belongs stands in its name: `<subject>.<project>.spec.ts`. CONTRIBUTING.md says what each project holds.
 * `short` runs the specs of `slow` with a fraction of their rounds.
 */
const project = (displayName, { files = displayName, ...rest } = {}) => ({
  displayName,
  rootDir: import.meta.dirname,
  roots: ['libs', 'src', 'test', 'redis-server', 'package-test'].map((name) => `<rootDir>/${name}`),
  testMatch: [`**/*.${files}.spec.ts`],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/libs/session/dist'],
  testEnvironment: '<rootDir>/test/runner/environment.mjs',
  // Node reads the files itself: see test/runner/register.mjs.
  testRunner: '<rootDir>/test/runner/run-file.mjs',
  transform: {},
  ...rest,
});
const needsRedis = { globalSetup: '<rootDir>/test/runner/global-setup.mjs' };

export default {
  projects: [
    project('unit'),
    project('integration', needsRedis),
    project('slow', needsRedis),
    project('short', { files: 'slow', globals: { isShort: true }, ...needsRedis }),
    project('browser', needsRedis),
    project('docs', needsRedis),
  ],
  testTimeout: 30_000,
  reporters: ['default', '<rootDir>/test/runner/summary.mjs'],
};
