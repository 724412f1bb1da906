import { Logger } from '@nestjs/common';
import type { SessionError } from '../session.errors.js';

/** In an outage each request fails for the same reason. */
const ONCE_IN_MS = 10_000;
const MOST_MESSAGES = 100;

const logger = new Logger('Session');
const loggedAt = new Map<string, number>();

/** The visitor is told that it does not work, and not why: that is for the log. One line for each reason, every ten seconds. */
export function logOutage({ statusCode, message }: SessionError): void {
  if (statusCode !== 503) return;
  const now = performance.now();
  const last = loggedAt.get(message);
  if (last !== undefined && now - last < ONCE_IN_MS) return;
  if (loggedAt.size >= MOST_MESSAGES) loggedAt.clear();
  loggedAt.set(message, now);
  logger.warn(message);
}
