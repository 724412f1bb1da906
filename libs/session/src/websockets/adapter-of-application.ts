import type { WebSocketAdapter } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { SessionError } from '../session.errors.js';

/** What Nest keeps for an application, as far as it concerns adapters for sockets. */
interface ApplicationConfig {
  getIoAdapter(): WebSocketAdapter | null;
  setIoAdapter(adapter: WebSocketAdapter): void;
}

/**
 * Nest has no name for its adapter that could be injected. It is chosen after the modules were made, by the application or by
 * Nest, and used before any of their hooks.
 *
 * @param chosen is told of the adapter before it is used.
 */
export function onAdapter(module: ModuleRef, chosen: (adapter: WebSocketAdapter) => void): void {
  const { container } = module as unknown as { container?: { applicationConfig?: unknown } };
  const config = container?.applicationConfig as ApplicationConfig | undefined;
  if (typeof config?.setIoAdapter !== 'function') {
    throw new SessionError(
      'SESSION_CONFIG',
      'SessionWebSocketsModule does not find the adapter for sockets in this version of Nest. It works with Nest 11 and 12.',
    );
  }
  const { setIoAdapter } = config;
  config.setIoAdapter = (adapter) => {
    chosen(adapter);
    setIoAdapter.call(config, adapter);
  };
  const adapter = config.getIoAdapter();
  if (adapter) chosen(adapter);
}
