import type { Attributes } from '@opentelemetry/api';
import type {
  SessionMessage,
  SessionRevokeMessage,
  SessionStoreMessage,
} from '../core/session-channels.js';

/** What became of an act. The values are those that the types of the messages list. */
export function outcomeOf({ result, error }: SessionMessage<string, string>): Attributes {
  return result === undefined ? failureOf(error) : { 'nestjs_redis_session.result': result };
}

export function revokeOf({ of, error }: SessionRevokeMessage): Attributes {
  return { 'nestjs_redis_session.revoke.of': of, ...failureOf(error) };
}

/** By the semantic conventions for Redis. */
export function commandOf({ operation, script, error, ...of }: SessionStoreMessage): Attributes {
  return {
    ...serverOf(of),
    ...(operation === undefined ? {} : { 'db.operation.name': operation }),
    ...(script === undefined ? {} : { 'db.stored_procedure.name': script }),
    ...failureOf(error),
    ...(isSaidByRedis(error) ? { 'db.response.status_code': error } : {}),
  };
}

type Server = Pick<SessionStoreMessage, 'address' | 'port' | 'database'>;

export function serverOf({ address, port, database }: Server): Attributes {
  return {
    'db.system.name': 'redis',
    'db.namespace': String(database),
    ...(address === undefined ? {} : { 'server.address': address }),
    ...(address === undefined || port === undefined ? {} : { 'server.port': port }),
  };
}

export function nameOfCommand({ operation = 'redis', script }: SessionStoreMessage): string {
  return script === undefined ? operation : `${operation} ${script}`;
}

function failureOf(error: string | undefined): Attributes {
  if (error === undefined) return {};
  return { 'error.type': error.toLowerCase() === 'other' ? '_OTHER' : error };
}

function isSaidByRedis(error: string | undefined): error is string {
  return error !== undefined && error === error.toUpperCase();
}
