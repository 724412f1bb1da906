import { UseInterceptors } from '@nestjs/common';
import { SaveRootField } from './save-root-field.interceptor.js';

/** What Nest writes on methods that are resolvers. */
const RESOLVER_TYPE = 'graphql:resolver_type';

/** Resolvers that save what their root fields do to sessions. Of the process: the same class may be in several applications. */
const saving = new WeakSet<object>();

/** @param provider of whatever kind; only a class with resolvers is changed. */
export function saveRootFields(provider: unknown): void {
  if (typeof provider !== 'function' || saving.has(provider) || !hasResolver(provider)) return;
  saving.add(provider);
  UseInterceptors(new SaveRootField())(provider);
}

function hasResolver({ prototype }: { readonly prototype?: object }): boolean {
  for (let one = prototype; one && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    const methods = Object.values(Object.getOwnPropertyDescriptors(one));
    if (methods.some(({ value }) => isResolver(value))) return true;
  }
  return false;
}

function isResolver(method: unknown): boolean {
  return typeof method === 'function' && Reflect.hasMetadata(RESOLVER_TYPE, method);
}
