import { planOf } from './options.js';
import { SERVERS } from './servers.js';

describe('the matrix of servers', () => {
  it('is run whole unless some are named, in its own order', () => {
    expect(planOf([])?.servers).toEqual(SERVERS);
    const chosen = planOf(['valkey-9', 'redis-7.0'])?.servers.map(({ name }) => name);
    expect(chosen).toEqual(['redis-7.0', 'valkey-9']);
  });

  it('takes patterns for spec files', () => {
    expect(planOf(['--pattern', 'races', '--pattern=acl'])?.patterns).toEqual(['races', 'acl']);
  });

  it('refuses a server that it does not know, and names those that it does', () => {
    expect(() => planOf(['redis-6'])).toThrow(/redis-6 is not known here: choose of redis-7.0 /);
  });
});
