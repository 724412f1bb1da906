import { isFieldName } from '../field-name.js';
import { assertKnownOptions, type OptionNames } from '../settings/known-options.js';
import { whole, wrong } from '../settings/wrong-option.js';
import { defaultHeaderOf, isHeaderName, NAME_RULE } from './header-name.js';
import {
  GATEWAY_OPTIONS,
  type GatewayField,
  type SessionGatewayOptions,
} from './session-gateway.options.js';

const MODULE = 'SessionGatewayModule';
const FIELD_OPTIONS = { as: 'value', header: 'value' } as const satisfies OptionNames<
  Extract<GatewayField<unknown>, object>
>;
const PATH = /^\/?([\w-]+(?:\/[\w-]+)*)\/?$/;

/** A session field that the answer has. */
export interface FieldHeader {
  readonly field: string;
  readonly as: 'text' | 'json';
  readonly header: string;
}

/** The options with every default filled in, checked once. Type and injection token. */
export class GatewaySettings {
  /** Without slashes at its ends. */
  readonly path: string;
  readonly userHeader: string;
  readonly idHeader: string;
  readonly fields: readonly FieldHeader[];
  /** The session fields that are fetched. */
  readonly fieldNames: ReadonlySet<string>;
  readonly allowAnonymous: boolean;
  readonly maxHeaderBytes: number;

  /** @throws {SessionError} `SESSION_CONFIG`, naming the option and what it may be. */
  constructor(options: SessionGatewayOptions = {}) {
    assertKnownOptions(options, GATEWAY_OPTIONS, MODULE);
    this.path = pathOf(options);
    this.userHeader = options.userHeader ?? 'X-Session-User';
    assertHeaderName('userHeader', this.userHeader);
    this.idHeader = options.idHeader ?? 'X-Session-Id';
    assertHeaderName('idHeader', this.idHeader);
    this.fields = fieldsOf(options);
    this.fieldNames = new Set(this.fields.map(({ field }) => field));
    this.#assertNoneTwice();
    this.allowAnonymous = options.allowAnonymous ?? false;
    this.maxHeaderBytes = options.maxHeaderBytes ?? 2048;
    whole('maxHeaderBytes', this.maxHeaderBytes, 16_384, MODULE);
  }

  /** Names of headers have no regard to case. */
  #assertNoneTwice(): void {
    const seen = new Set([this.userHeader.toLowerCase()]);
    const others = [
      ['idHeader', this.idHeader] as const,
      ...this.fields.map(({ field, header }) => [`fields.${field}`, header] as const),
    ];
    for (const [option, name] of others) {
      if (seen.has(name.toLowerCase())) {
        throw wrong(option, name, 'another name: this one is taken already', MODULE);
      }
      seen.add(name.toLowerCase());
    }
  }
}

function pathOf({ path = 'session-gateway' }: SessionGatewayOptions): string {
  const [, found] = (typeof path === 'string' && PATH.exec(path)) || [];
  if (found !== undefined) return found;
  throw wrong('path', path, 'a path of letters, digits, - and _, such as internal/session', MODULE);
}

function fieldsOf({ fields = {} }: SessionGatewayOptions): FieldHeader[] {
  if (fields === null || typeof fields !== 'object' || Array.isArray(fields)) {
    throw wrong('fields', fields, "an object, such as { tenant: 'text' }", MODULE);
  }
  return Object.entries<unknown>(fields).map(([field, declared]) => {
    const option = `fields.${field}`;
    if (!isFieldName(field)) {
      throw wrong(option, field, 'named after a field that a session can have', MODULE);
    }
    if (typeof declared === 'object') {
      assertKnownOptions(declared, FIELD_OPTIONS, MODULE, option);
    }
    const { as, header = defaultHeaderOf(field) } = declarationOf(declared);
    if (as !== 'text' && as !== 'json') {
      throw wrong(option, as, `'text' or 'json', or { as, header }`, MODULE);
    }
    assertHeaderName(`${option}.header`, header);
    return { field, as, header };
  });
}

function declarationOf(declared: unknown): { as?: unknown; header?: unknown } {
  const isWhole = typeof declared === 'object' && declared !== null;
  return isWhole ? declared : { as: declared };
}

function assertHeaderName(option: string, name: unknown): asserts name is string {
  if (!isHeaderName(name)) throw wrong(option, name, NAME_RULE, MODULE);
}
