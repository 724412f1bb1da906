import type { OptionNames } from '../settings/known-options.js';
import type { SessionData, SessionField } from '../session-data.js';

/**
 * How a value becomes the text of a header, before that is percent-encoded.
 *
 * `text`: strings, numbers and booleans as they are; `null` is as good as nothing. Anything else is refused when it is met.
 * `json`: any value, as JSON; a string has its quotes then.
 */
export type GatewayFieldForm<Value> = [NonNullable<Value>] extends [string | number | boolean]
  ? 'text' | 'json'
  : 'json';

/** One field of the session: how its value becomes text, and in which header, if not in the usual one. */
export type GatewayField<Value> =
  | GatewayFieldForm<Value>
  | {
      /** How the value becomes text. */
      readonly as: GatewayFieldForm<Value>;

      /** The name of the header. Default: `X-Session-` and the field's name, `displayName` as `X-Session-Display-Name`. */
      readonly header: string;
    };

/** By the names of session fields, those that a proxy is told. */
export type GatewayFields = { readonly [K in SessionField]?: GatewayField<SessionData[K]> };

/** Options of `SessionGatewayModule.forRoot()`. */
export interface SessionGatewayOptions {
  /**
   * Where it answers, and everywhere below: Envoy puts the path of the visitor's request behind. Segments of letters, digits,
   * `-` and `_`. The global prefix of the application comes in front, versions do not. Default `session-gateway`.
   */
  path?: string;

  /** The session fields that the answer has, one header each. Only they are fetched. Default: none. */
  fields?: GatewayFields;

  /**
   * The header with the user id, empty for a guest. Default `X-Session-User`.
   *
   * Bounds of all names: letters, digits and `-`, 64 at most, beginning with `X-` or `Remote-`, none twice, and none that means
   * something to a proxy (such as `X-Accel-Redirect`) or to this library (`X-Session-Token`, `X-Session-Code`).
   */
  userHeader?: string;

  /** The header with the id of the session, empty where there is none. Bounds as of `userHeader`. Default `X-Session-Id`. */
  idHeader?: string;

  /** Whether strangers and guests pass as well: 200, and the user header is empty. Default `false`: they get 401. */
  allowAnonymous?: boolean;

  /**
   * How long these headers may be together, in bytes, with their names. More is answered with 500 and `SESSION_FORMAT`: nothing
   * is cut, and nobody passes. Default `2048`: nginx reads a head of one memory page, often 4 kB, and the rest of the head has
   * to fit, such as what helmet adds (1 kB). Bounds: a whole number from 1 to 16,384, what Node reads of a whole head.
   *
   * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size
   */
  maxHeaderBytes?: number;
}

/** The names of all options; any other name is refused at start. */
export const GATEWAY_OPTIONS = {
  path: 'value',
  fields: 'value',
  userHeader: 'value',
  idHeader: 'value',
  allowAnonymous: 'boolean',
  maxHeaderBytes: 'value',
} as const satisfies OptionNames<SessionGatewayOptions>;
