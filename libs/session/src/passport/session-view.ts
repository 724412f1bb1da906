import { asJson } from '../core/json.js';
import type { Session } from '../core/session.js';
import { isFieldName } from '../field-name.js';
import { SessionError } from '../session.errors.js';
import { type LooseFields, looseFields } from './loose-fields.js';

type Done = (error?: unknown) => void;

/**
 * What is under `req.session`: each property is a field of the session. Strategies keep a state there between two requests,
 * as for OAuth 2.0, and Passport keeps messages, and where to go after a sign-in.
 *
 * @param signOut ends the session.
 */
export function sessionView(session: Session, signOut: () => void): object {
  return new Proxy(methodsOf(session, signOut), new FieldsAsProperties(session));
}

/** What else is asked of a session of express-session. */
function methodsOf(session: Session, signOut: () => void): object {
  const methods = {
    get id() {
      return session.id;
    },
    /** All is saved before the first byte of the response, and nothing earlier. */
    save: (done?: Done) => done?.(),
    destroy(done?: Done) {
      signOut();
      done?.();
    },
    regenerate(done: Done) {
      const advice = 'Leave it out: req.logIn() always gives the session a new token.';
      done(new SessionError('SESSION_STATE', `req.session.regenerate() is not offered. ${advice}`));
    },
  };
  // As a prototype, so that they are none of the session's own properties.
  return Object.create(methods) as object;
}

class FieldsAsProperties implements ProxyHandler<object> {
  readonly #fields: LooseFields;

  constructor(private readonly session: Session) {
    this.#fields = looseFields(session);
  }

  get(methods: object, name: string | symbol): unknown {
    if (!isField(methods, name)) return Reflect.get(methods, name);
    this.session.loosen(name);
    return this.#fields.get(name);
  }

  has(methods: object, name: string | symbol): boolean {
    return isField(methods, name) ? this.#fields.has(name) : Reflect.has(methods, name);
  }

  set(methods: object, name: string | symbol, given: unknown): boolean {
    if (!isField(methods, name)) return false;
    this.session.loosen(name);
    // The object itself: whoever has written it may go on to write into it.
    if (asJson(given) === undefined) this.#fields.delete(name);
    else this.#fields.set(name, given);
    return true;
  }

  deleteProperty(methods: object, name: string | symbol): boolean {
    if (isField(methods, name)) this.#fields.delete(name);
    return true;
  }

  ownKeys(): string[] {
    return this.#fields.fieldNames();
  }

  getOwnPropertyDescriptor(methods: object, name: string | symbol): PropertyDescriptor | undefined {
    if (!isField(methods, name) || !this.#fields.has(name)) return undefined;
    return { value: this.get(methods, name), writable: true, enumerable: true, configurable: true };
  }
}

function isField(methods: object, name: string | symbol): name is string {
  return typeof name === 'string' && isFieldName(name) && !Reflect.has(methods, name);
}
