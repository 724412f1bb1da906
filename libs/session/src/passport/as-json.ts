/**
 * A value as it would come back from JSON, which is what everybody who writes to `req.session` is used to: dates become
 * texts, and what is `undefined` is left out. A field of a session refuses both.
 */
export function asJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
