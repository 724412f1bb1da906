import { HttpException } from '@nestjs/common';

const CODES: Record<number, string> = { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' };

/**
 * Apollo's driver puts the body of an HttpException into the `extensions` of the GraphQL error; Mercurius shows only what the
 * error itself has there. So it has the same there.
 */
export function withExtensions(error: unknown): unknown {
  if (!(error instanceof HttpException)) return error;
  const code = CODES[error.getStatus()] ?? 'INTERNAL_SERVER_ERROR';
  return Object.assign(error, { extensions: { code, originalError: error.getResponse() } });
}
