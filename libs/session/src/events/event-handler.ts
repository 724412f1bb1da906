import { Logger } from '@nestjs/common';
import { asError } from '../core/as-error.js';
import type { SessionEvent } from './session-event.js';

/** A method that wants to be called. */
export interface EventHandler {
  /** Class and method, for the log. */
  readonly name: string;
  readonly group: string | undefined;
  wants(event: SessionEvent): boolean;
  handle(event: SessionEvent): unknown;
}

const logger = new Logger('SessionEvents');

/** @returns whether it was handled: what the method throws is logged, and stops nothing else. */
export async function callHandler(
  { name, handle }: EventHandler,
  event: SessionEvent,
  circumstances = '',
): Promise<boolean> {
  try {
    await handle(event);
    return true;
  } catch (thrown) {
    const error = asError(thrown);
    logger.error(
      `${name} failed on "${event.type}" of session ${event.sessionId}${circumstances}: ${String(error)}`,
      error.stack,
    );
    return false;
  }
}
