import { AccountsService } from './accounts.service.js';

describe('AccountsService', () => {
  const accounts = new AccountsService();

  it.each([
    ['alice', 'acme', 'customer'],
    ['bob', 'acme', 'customer'],
    ['carol', 'globex', 'customer'],
    ['olga', 'acme', 'operator'],
  ])('knows %s', async (id, tenant, role) => {
    expect(await accounts.check(id, `${id}-pw`)).toEqual({ id, tenant, role });
  });

  it.each([
    ['alice', 'bob-pw'],
    ['alice', ''],
    ['Alice', 'alice-pw'],
    ['mallory', 'mallory-pw'],
    // The password behind the time that an unknown name costs.
    ['mallory', 'nobody'],
    ['__proto__', 'nobody'],
  ])('does not let %s in with "%s"', async (username, password) => {
    expect(await accounts.check(username, password)).toBeUndefined();
  });

  it('lets somebody in with the new password only, from the moment that it is being changed', async () => {
    const changing = accounts.changePassword('bob', 'a quiet lane');
    expect(await accounts.check('bob', 'bob-pw')).toBeUndefined();
    await changing;
    expect(await accounts.check('bob', 'bob-pw')).toBeUndefined();
    expect(await accounts.check('bob', 'a quiet lane')).toMatchObject({ id: 'bob' });
    expect(await accounts.check('alice', 'a quiet lane')).toBeUndefined();
  });

  it('works as hard for a name that it does not know as for a wrong password', async () => {
    const cost = async (username: string) => {
      const before = process.cpuUsage();
      for (let i = 0; i < 5; i++) await accounts.check(username, 'wrong');
      return process.cpuUsage(before).user;
    };
    // Deriving a key takes tens of milliseconds, and looking up a name microseconds.
    const [known, unknown] = [await cost('alice'), await cost('mallory')];
    expect(unknown).toBeGreaterThan(known / 4);
  });
});
