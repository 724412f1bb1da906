import { Injectable } from '@nestjs/common';
import type { Account } from './account.js';
import { hashPassword, isPassword, type PasswordHash } from './password.js';

const DEMO_ACCOUNTS: readonly Account[] = [
  { id: 'alice', tenant: 'acme', role: 'customer' },
  { id: 'bob', tenant: 'acme', role: 'customer' },
  { id: 'carol', tenant: 'globex', role: 'customer' },
  { id: 'olga', tenant: 'acme', role: 'operator' },
];

/**
 * Four people who live in memory. A real shop would ask its own database here: a password that is changed in this one
 * is changed in this process, until it ends.
 */
@Injectable()
export class AccountsService {
  private readonly accounts = new Map(DEMO_ACCOUNTS.map((account) => [account.id, account]));
  private readonly hashes = new Map(
    DEMO_ACCOUNTS.map(({ id }) => [id, hashPassword(`${id}-pw`)] as const),
  );
  private readonly nobody: Promise<PasswordHash> = hashPassword('nobody');

  async check(username: string, password: string): Promise<Account | undefined> {
    // A stranger's name costs the same time, so that nobody can find out which names exist.
    const hash = await (this.hashes.get(username) ?? this.nobody);
    const matches = await isPassword(password, hash);
    return matches ? this.accounts.get(username) : undefined;
  }

  async changePassword(id: string, password: string): Promise<void> {
    const hash = hashPassword(password);
    this.hashes.set(id, hash);
    await hash;
  }
}
