/**
 * Answers reverse proxies who somebody is, so that services which are not Nest stand behind the same sessions.
 *
 * @module nestjs-redis-session/gateway
 */

export { SessionGatewayModule } from './session-gateway.module.js';
export type {
  GatewayField,
  GatewayFieldForm,
  GatewayFields,
  SessionGatewayOptions,
} from './session-gateway.options.js';
