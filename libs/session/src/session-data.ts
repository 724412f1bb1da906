/**
 * What your application keeps in a session. Add your fields once, anywhere in your program:
 *
 * ```ts
 * declare module 'nestjs-redis-session' {
 *   interface SessionData {
 *     cart: { sku: string; quantity: number }[];
 *     views: number;
 *   }
 * }
 * ```
 *
 * Each property becomes one field of the Redis hash and holds JSON: strings, finite numbers, booleans, `null`,
 * arrays and plain objects of these. Any field may be absent, so reading one gives `T | undefined`.
 */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type -- filled by applications.
export interface SessionData {}

/** What JSON gives back as it was. */
type Scalar = string | number | boolean | null;

/** What a session refuses: JSON would drop it, or give back something else. */
type Unstorable =
  | undefined
  | bigint
  | symbol
  | ((...args: never[]) => unknown)
  | (abstract new (...args: never[]) => unknown)
  | Date
  | RegExp
  | Error
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<WeakKey, unknown>
  | WeakSet<WeakKey>
  | PromiseLike<unknown>
  | ArrayBufferLike
  | ArrayBufferView
  | URL
  | URLSearchParams;

/**
 * What a session can hold of a type: `T extends Storable<T>` tells whether it can hold all of it. Dates, maps, functions,
 * `bigint`, `undefined` in an array or in a property that is always there, and instances with methods become `never`.
 *
 * A property that may be missing (`name?: string`) can be stored. Unless your program is compiled with
 * `exactOptionalPropertyTypes`, TypeScript lets it be `undefined`, too, which is refused when it is written.
 */
export type Storable<T> = unknown extends T
  ? T
  : T extends Scalar
    ? T
    : T extends Unstorable
      ? never
      : { [Key in keyof T]: Storable<T[Key]> };

/** The fields of {@link SessionData} that a session can hold, as they are written. */
export type StorableData = {
  [K in keyof SessionData as StorableKey<K>]-?: SessionData[K];
};

type StorableKey<K extends keyof SessionData> = [Exclude<SessionData[K], undefined>] extends [never]
  ? never
  : Exclude<SessionData[K], undefined> extends Storable<Exclude<SessionData[K], undefined>>
    ? Extract<K, string>
    : never;

/**
 * The name of a field of {@link SessionData}. A field whose type cannot be stored as JSON, such as a `Date`, is not among them:
 * see {@link Storable}.
 */
export type SessionField = keyof StorableData;

/** The fields that hold a number, the only ones that can be counted up. */
export type NumericSessionField = {
  [K in SessionField]: NonNullable<SessionData[K]> extends number ? K : never;
}[SessionField];
