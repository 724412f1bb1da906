import type { Device } from '../core/record.js';

const MAX_AGENT_LENGTH = 256;

interface Request {
  /** Express puts it here, with regard to its trust in proxies. */
  readonly ip?: string | undefined;
  readonly socket?: { readonly remoteAddress?: string | undefined };
  readonly headers?: { readonly 'user-agent'?: string | undefined };
}

/** What is known of the browser of a session's request; express-session hangs that on the session. */
export function deviceOf(session: object): Device {
  const { req } = session as { req?: Request };
  return {
    address: req?.ip ?? req?.socket?.remoteAddress,
    agent: req?.headers?.['user-agent']?.slice(0, MAX_AGENT_LENGTH),
  };
}
