import type { Device } from './record.js';

const MAX_AGENT_LENGTH = 256;
/** Longer than any address with its zone or port. Where each proxy is trusted, a visitor writes it. */
const MAX_ADDRESS_LENGTH = 64;

/** What is looked at of a request. */
export interface DeviceRequest {
  /** Express and Nest's Fastify adapter put it here, with regard to their trust in proxies. */
  readonly ip?: string | undefined;
  readonly socket?: { readonly remoteAddress?: string | undefined };
  readonly headers?: { readonly 'user-agent'?: string | undefined };
}

/** From where a request comes. */
export function deviceOf({ ip, socket, headers }: DeviceRequest): Device {
  return {
    address: (ip ?? socket?.remoteAddress)?.slice(0, MAX_ADDRESS_LENGTH),
    agent: headers?.['user-agent']?.slice(0, MAX_AGENT_LENGTH),
  };
}
