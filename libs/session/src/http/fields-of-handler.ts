import type { ExecutionContext } from '@nestjs/common';

type Handler = (...args: never[]) => unknown;

/** By handler, what its parameters take of the session; `undefined` once one of them takes it whole. */
const taken = new WeakMap<Handler, Set<string> | undefined>();

/** @param field the name of what a parameter takes; anything else stands for all of it. */
export function noteParameter(controller: object, method: string | symbol, field: unknown): void {
  const handler = (controller as Record<string | symbol, Handler>)[method]!;
  const before = taken.has(handler) ? taken.get(handler) : new Set<string>();
  taken.set(handler, before && typeof field === 'string' ? before.add(field) : undefined);
}

/**
 * The only fields that a handler takes, by its `@Session('field')` parameters: then the others need not be fetched.
 *
 * @returns `undefined` when it takes the session whole, or may do so in a way that is not known here.
 */
export function fieldsOfHandler(context: ExecutionContext): ReadonlySet<string> | undefined {
  return taken.get(context.getHandler() as Handler);
}
