import { type Finding, ok, unknown } from '../finding.js';
import type { RedisClient } from '../../redis-client.js';

const CHECK = 'access';

/** Whether anybody may do anything. */
export async function checkAccess(server: RedisClient): Promise<Finding> {
  try {
    const user = String(await server.call('ACL', 'WHOAMI'));
    if (user !== 'default') return ok(CHECK, `the user "${user}"`);
    const account = JSON.stringify(await server.call('ACL', 'GETUSER', 'default'));
    if (!account.includes('"nopass"')) return ok(CHECK, 'the user "default", with a password');
    return {
      check: CHECK,
      severity: 'warning',
      finding: 'the user "default", without a password: whoever reaches Redis can be anybody',
      advice: 'Make a user of its own: docs/security.md has the least that it needs.',
    };
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    if (/NOPERM/.test(said)) return ok(CHECK, 'a user who may not do everything');
    if (/unknown command/i.test(said)) return unknown(CHECK, 'this server has no ACL');
    throw error;
  }
}
