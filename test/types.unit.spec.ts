import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import {
  type Session,
  type SessionData,
  type SessionField,
  SessionModule,
  type SessionOptions,
  type SessionSearch,
  type SessionService,
  type Storable,
} from 'nestjs-redis-session';
import { SessionEventsModule } from 'nestjs-redis-session/events';
import type { OptionNames } from '../libs/session/src/settings/known-options.js';

interface Address {
  street: string;
  zip?: string;
}
interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
type Payment = { kind: 'card'; last4: string } | { kind: 'cash'; change?: number };
enum Plan {
  Free = 'free',
  Paid = 'paid',
}
class Cart {
  lines: string[] = [];
  total(): number {
    return this.lines.length;
  }
}

declare module 'nestjs-redis-session' {
  interface SessionData {
    // What can be stored.
    typed: {
      address: Address;
      tree: Tree;
      payment: Payment;
      plan: Plan;
      list: readonly [string, number | null];
      byName: Record<string, Address>;
      anything: unknown;
    };
    maybe?: string;
    loose: unknown;
    branded: string & { readonly brand: 'sku' };
    // What cannot.
    date: Date;
    nestedDate: { at: Date };
    dates: Date[];
    map: Map<string, number>;
    set: ReadonlySet<string>;
    callback: () => void;
    big: bigint;
    symbol: symbol;
    nothing: undefined;
    nestedUndefined: { name: string | undefined };
    listOfUndefined: (string | undefined)[];
    instance: Cart;
    promise: Promise<string>;
    bytes: Uint8Array;
    dateOrText: Date | string;
    pattern: RegExp;
    url: URL;
  }
}

/** Which names are session fields. Never called: `npm run types` is the test. */
function fields(): SessionField[] {
  return [
    'typed',
    'maybe',
    'loose',
    'branded',
    // @ts-expect-error -- JSON gives back a text.
    'date',
    // @ts-expect-error -- the same inside an object.
    'nestedDate',
    // @ts-expect-error -- the same inside an array.
    'dates',
    // @ts-expect-error -- JSON gives back {}.
    'map',
    // @ts-expect-error -- JSON gives back {}.
    'set',
    // @ts-expect-error -- JSON drops it.
    'callback',
    // @ts-expect-error -- JSON throws.
    'big',
    // @ts-expect-error -- JSON drops it.
    'symbol',
    // @ts-expect-error -- a field without a value is deleted.
    'nothing',
    // @ts-expect-error -- a property that is there has a value, or null.
    'nestedUndefined',
    // @ts-expect-error -- JSON gives back null.
    'listOfUndefined',
    // @ts-expect-error -- methods would be lost.
    'instance',
    // @ts-expect-error -- it must be awaited.
    'promise',
    // @ts-expect-error -- JSON gives back an object.
    'bytes',
    // @ts-expect-error -- not all of it can be stored.
    'dateOrText',
    // @ts-expect-error -- JSON gives back {}.
    'pattern',
    // @ts-expect-error -- JSON gives back a text.
    'url',
  ];
}

async function writing(session: Session, service: SessionService, search: SessionSearch) {
  const typed = {
    address: { street: 'x' },
    tree: { name: 'a', children: [{ name: 'b', children: [] }] },
    payment: { kind: 'cash' },
    plan: Plan.Free,
    list: ['a', null],
    byName: { a: { street: 'x', zip: '1' } },
    anything: 1,
  } satisfies SessionData['typed'];
  session.set('typed', typed);
  session.set('maybe', 'x');
  session.update('typed', (current = typed) => ({ ...current, plan: Plan.Paid }));
  session.setAll({ maybe: 'x', loose: [1] });
  session.signIn('alice', { data: { maybe: 'x', typed } });
  await service.update('id', { maybe: 'x' });
  await search.updateWhere({}, { typed });

  // @ts-expect-error -- a date cannot be stored.
  session.set('date', new Date());
  // @ts-expect-error -- to remove a field, delete it.
  session.set('maybe', undefined);
  // @ts-expect-error -- excess properties of an object literal are errors.
  session.set('typed', { ...typed, address: { street: 'x', city: 'y' } });
  // @ts-expect-error -- not what the field holds.
  session.set('typed', { ...typed, plan: 'gold' });
  // @ts-expect-error -- a date cannot be stored.
  session.update('date', () => new Date());
  // @ts-expect-error -- undefined cannot be stored.
  session.update('maybe', () => undefined);
  // @ts-expect-error -- a date cannot be stored.
  session.signIn('alice', { data: { nestedDate: { at: new Date() } } });
  // @ts-expect-error -- a map cannot be stored.
  session.setAll({ map: new Map() });
  // @ts-expect-error -- a date cannot be stored.
  await service.update('id', { date: new Date() });
  // @ts-expect-error -- a date cannot be stored.
  await search.updateWhere({}, { date: new Date() });
}

/** Code that knows fields by their names only. */
function generic<K extends SessionField>(session: Session, field: K): SessionData[K] | undefined {
  if (session.has(field)) session.delete(field);
  return session.get(field);
}

function storable(): unknown[] {
  const accepts = <T>(_value: T & Storable<T>) => undefined;
  return [
    accepts<Address>({ street: 'x' }),
    accepts<Payment>({ kind: 'cash' }),
    // @ts-expect-error -- a date is none.
    accepts<{ at: Date }>({ at: new Date() }),
  ];
}

function options(): unknown[] {
  const redis = 'redis://localhost';
  const typed = (): SessionOptions => ({ redis, token: 'both' });
  const async: ConfigurableModuleAsyncOptions<SessionOptions, 'createSessionOptions'> = {
    useFactory: typed,
  };
  class Config {
    createSessionOptions() {
      return { redis, storeTimeoutMs: 5 };
    }
  }
  class WrongConfig {
    createSessionOptions() {
      return { redis, ttl: 5 };
    }
  }
  return [
    SessionModule.forRoot({ redis, isGlobal: false }),
    SessionModule.forRootAsync({ useFactory: typed, isGlobal: false }),
    SessionModule.forRootAsync({ useFactory: async () => typed() }),
    SessionModule.forRootAsync(async),
    SessionModule.forRootAsync({ useClass: Config }),
    SessionModule.forRootAsync({ useExisting: Config }),
    SessionModule.forRootAsync({
      inject: ['CONFIG'],
      useFactory: async (config: { url: string }) => ({
        redis: config.url,
        token: 'header',
        cookie: { sameSite: 'strict', secure: true },
        remember: { idleTimeoutSeconds: 5 },
        maxSessionsPerUser: { limit: 5, whenReached: 'refuse' },
        mergeGuest: (guest, userId) => (userId === '' ? {} : { ...guest }),
      }),
    }),
    SessionModule.forRootAsync({
      useFactory: (isLocal: boolean) => (isLocal ? { redis } : { redis: { host: 'x', port: 1 } }),
    }),
    SessionEventsModule.forRootAsync({ useFactory: () => ({ stream: { maxLength: 5 } }) }),
    // @ts-expect-error -- there is no such option.
    SessionModule.forRoot({ redis, ttl: 5 }),
    // @ts-expect-error -- the same in what a factory makes.
    SessionModule.forRootAsync({ useFactory: () => ({ redis, ttl: 5 }) }),
    // @ts-expect-error -- the same in a promise.
    SessionModule.forRootAsync({ useFactory: async () => ({ redis, idleTimeout: 5 }) }),
    // @ts-expect-error -- the same inside an option.
    SessionModule.forRootAsync({ useFactory: () => ({ redis, cookie: { maxAge: 5 } }) }),
    SessionModule.forRootAsync({
      // @ts-expect-error -- the same in a block.
      useFactory: () => {
        const remember = { idleSeconds: 5 };
        return { redis, remember };
      },
    }),
    // @ts-expect-error -- the same in what a class makes.
    SessionModule.forRootAsync({ useClass: WrongConfig }),
    // @ts-expect-error -- the same in what a provider makes.
    SessionModule.forRootAsync({ useExisting: WrongConfig }),
    // @ts-expect-error -- not what the option takes.
    SessionModule.forRootAsync({ useFactory: () => ({ redis, token: 'query' }) }),
    // @ts-expect-error -- one option is not optional.
    SessionModule.forRootAsync({ useFactory: () => ({ keyPrefix: 'a:' }) }),
    // @ts-expect-error -- the same for other modules.
    SessionEventsModule.forRootAsync({ useFactory: () => ({ stream: { maxlen: 5 } }) }),
  ];
}

interface SomeOptions {
  isOn?: boolean;
  limit?: number;
  choose?: (name: string) => string;
  nested?: { path?: string };
}

/** The description that options are checked against at start cannot lack one, nor name one that does not exist. */
function descriptions(): unknown[] {
  const whole = {
    isOn: 'boolean',
    limit: 'value',
    choose: 'function',
    nested: { path: 'value' },
  } as const;
  const { limit: _limit, ...lacking } = whole;
  return [
    whole satisfies OptionNames<SomeOptions>,
    // @ts-expect-error -- one is missing.
    lacking satisfies OptionNames<SomeOptions>,
    // @ts-expect-error -- one is missing inside an option.
    { ...whole, nested: {} } satisfies OptionNames<SomeOptions>,
    // @ts-expect-error -- there is no such option.
    { ...whole, other: 'value' } satisfies OptionNames<SomeOptions>,
    // @ts-expect-error -- a switch is checked to be true or false.
    { ...whole, isOn: 'value' } satisfies OptionNames<SomeOptions>,
    // @ts-expect-error -- a callback is checked to be a function.
    { ...whole, choose: 'value' } satisfies OptionNames<SomeOptions>,
  ];
}

describe('the types of sessions and options', () => {
  it('are held by the compiler', () => {
    expect([fields, writing, generic, storable, options, descriptions]).toHaveLength(6);
  });
});
