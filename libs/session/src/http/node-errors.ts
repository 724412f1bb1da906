import type { ChunkCall } from './calls.js';

/** Errors that Node throws out of a response, for calls that are held back before Node sees them. */
function nodeError(Base: ErrorConstructor, code: string, message: string): Error {
  return Object.assign(new Base(message), { code });
}

export function headersSentError(action: string): Error {
  const message = `Cannot ${action} headers after they are sent to the client`;
  return nodeError(Error, 'ERR_HTTP_HEADERS_SENT', message);
}

export function invalidStatusError(status: unknown): Error {
  return nodeError(
    RangeError as ErrorConstructor,
    'ERR_HTTP_INVALID_STATUS_CODE',
    `Invalid status code: ${String(status)}`,
  );
}

export function invalidMessageError(): Error {
  return nodeError(
    TypeError as ErrorConstructor,
    'ERR_INVALID_CHAR',
    'Invalid character in statusMessage',
  );
}

export function writeAfterEndError(): Error {
  return nodeError(Error, 'ERR_STREAM_WRITE_AFTER_END', 'write after end');
}

export function destroyedError(): Error {
  return nodeError(Error, 'ERR_STREAM_DESTROYED', 'Cannot call write after a stream was destroyed');
}

/** @throws what Node throws for a chunk that it cannot write. */
export function assertChunk({ chunk, encoding }: ChunkCall): void {
  if (chunk === null) {
    const message = 'May not write null values to stream';
    throw nodeError(TypeError as ErrorConstructor, 'ERR_STREAM_NULL_VALUES', message);
  }
  if (typeof chunk === 'string') {
    if (!encoding || Buffer.isEncoding(encoding as string)) return;
    const message = `Unknown encoding: ${String(encoding)}`;
    throw nodeError(TypeError as ErrorConstructor, 'ERR_UNKNOWN_ENCODING', message);
  }
  // As Node asks: a proxy of one is none.
  if (ArrayBuffer.isView(chunk) && chunk instanceof Uint8Array) return;
  throw nodeError(
    TypeError as ErrorConstructor,
    'ERR_INVALID_ARG_TYPE',
    `The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received type ${typeof chunk}`,
  );
}
