import { planOf } from './options.js';
import { MAJORS } from './suite/majors.js';

describe('the test of the package', () => {
  it('checks the package itself unless the suite is asked for', () => {
    expect(planOf([])).toEqual({ majors: [], patterns: [] });
  });

  it('runs the suite on all other majors unless some are named, in its own order', () => {
    expect(planOf(['--suite'])?.majors).toEqual(MAJORS);
    const chosen = planOf(['--suite', 'ioredis-5', 'nest-11'])?.majors.map(({ name }) => name);
    expect(chosen).toEqual(['nest-11', 'ioredis-5']);
  });

  it('takes patterns for the spec files of the suite, and for nothing else', () => {
    expect(planOf(['--suite', '--pattern=races', '--pattern', 'acl'])?.patterns).toEqual([
      'races',
      'acl',
    ]);
    expect(() => planOf(['--pattern=races'])).toThrow(/give --suite as well/);
  });

  it('refuses majors that it does not know, and names those that it does', () => {
    expect(() => planOf(['--suite', 'nest-10'])).toThrow(
      /nest-10 is not known here: choose of nest-11 /,
    );
  });
});
