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

/** The name of a field of {@link SessionData}. */
export type SessionField = Extract<keyof SessionData, string>;

/** The fields that hold a number, the only ones that can be counted up. */
export type NumericSessionField = {
  [K in SessionField]: NonNullable<SessionData[K]> extends number ? K : never;
}[SessionField];
