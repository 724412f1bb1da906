import { Injectable } from '@nestjs/common';
import {
  and,
  atLeast,
  has,
  type MassActionOptions,
  not,
  type Session,
  SessionSearch,
} from 'nestjs-redis-session';
import { without } from '../cart/cart.js';
import type { SessionIndex } from '../session-index.js';
import { PAGE_SIZE } from './operations.input.js';

/** How many carts are shown; all of them are counted. */
const CARTS_SHOWN = 100;
// Guests have never proved who they are.
const SIGNED_IN = { signedInAt: atLeast(0) };
const NEWEST_FIRST = { by: 'createdAt', order: 'desc' } as const;

/** Questions and acts across all sessions, whosever they are and whichever instance they belong to. */
@Injectable()
export class OperationsService {
  constructor(private readonly search: SessionSearch<SessionIndex>) {}

  /** Most sessions first. */
  async tenants() {
    const counts = await this.search.countBy('tenant', SIGNED_IN);
    return [...counts].map(([tenant, sessions]) => ({ tenant, sessions }));
  }

  async signedIn(page: number, current: Session) {
    const options = { page, pageSize: PAGE_SIZE, sort: NEWEST_FIRST };
    const { sessions, total } = await this.search.find(SIGNED_IN, options);
    const rows = sessions.map(({ id, userId, data, deviceName, createdAt, lastSeenAt }) => ({
      id,
      userId,
      tenant: data.tenant,
      device: deviceName,
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      current: id === current.id,
    }));
    return { total, page, pageSize: PAGE_SIZE, sessions: rows };
  }

  async cartsWith(sku: string) {
    const options = { pageSize: CARTS_SHOWN, sort: NEWEST_FIRST };
    const { sessions, total } = await this.search.find({ products: has(sku) }, options);
    const rows = sessions.map(({ id, userId, data }) => ({
      id,
      userId,
      tenant: data.tenant,
      quantity: data.cart?.find((line) => line.sku === sku)?.quantity ?? 0,
    }));
    return { count: total, sessions: rows };
  }

  countCartsWith(sku: string): Promise<number> {
    return this.search.count({ products: has(sku) });
  }

  /** What else is in a cart stays, also what is put in at this very moment. */
  async recall(sku: string, options: MassActionOptions = {}) {
    const { changed, contested, failed, isComplete } = await this.search.updateWhere(
      { products: has(sku) },
      (session) => session.update('cart', (cart = []) => without(cart, sku)),
      options,
    );
    return { changed, missed: contested + failed, isComplete };
  }

  /** Operators stay signed in, also those of the tenant: whoever gives this order does not lock themselves out. */
  async signOutTenant(tenant: string) {
    const { changed, contested, failed } = await this.search.revokeWhere(
      and({ tenant }, not({ role: 'operator' })),
    );
    return { revoked: changed, missed: contested + failed };
  }
}
