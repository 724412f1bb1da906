/**
 * Turns what was thrown into an error that can be logged. Anything can be thrown: nothing at all, an object without a text, or an error
 * whose properties throw, and code that fails while it reports a failure can end the process.
 */
export function asError(thrown: unknown): Error {
  try {
    const text = String(thrown);
    if (!(thrown instanceof Error)) return new Error(text);
    const { message, stack } = thrown;
    const isReadable = typeof message === 'string' && typeof (stack ?? '') === 'string';
    return isReadable ? thrown : new Error(text);
  } catch {
    return new Error('something was thrown that cannot be read');
  }
}
