export type Role = 'customer' | 'operator';

export interface Account {
  readonly id: string;
  readonly tenant: string;
  readonly role: Role;
}
