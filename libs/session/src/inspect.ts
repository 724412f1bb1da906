/** What `console.log()` and `util.inspect()` call in place of looking into an object. The symbol of Node, without its module. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** `util.inspect()`, as Node hands it over. */
export type Inspect = (value: unknown, options: object) => string;
