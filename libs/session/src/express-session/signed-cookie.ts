import { createHmac, timingSafeEqual } from 'node:crypto';

// What browsers keep; what is longer was made to keep a server busy.
const MAX_HEADER_LENGTH = 16_384;
const MAX_VALUE_LENGTH = 4096;
const MAX_PAIRS = 100;

/** The id of a session of express-session, and which secret has signed it. */
export interface SignedId {
  readonly sid: string;
  readonly secret: string;
}

/** Reads `s:<sid>.<signature>` as express-session does; `undefined` for whatever nobody of ours has signed. */
export function readSignedCookie(
  header: string | undefined,
  name: string,
  secrets: readonly string[],
): SignedId | undefined {
  const value = valueOf(header, name);
  const at = value?.lastIndexOf('.') ?? -1;
  if (!value?.startsWith('s:') || at <= 2) return undefined;
  const sid = value.slice(2, at);
  const signature = Buffer.from(value.slice(at + 1));
  const secret = secrets.find((tried) => isEqual(signature, signatureOf(sid, tried)));
  return secret === undefined ? undefined : { sid, secret };
}

/** As cookie-signature does it: base64 without the padding. */
function signatureOf(sid: string, secret: string): Buffer {
  const text = createHmac('sha256', secret).update(sid).digest('base64');
  return Buffer.from(text.replace(/=+$/, ''));
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The first cookie of that name counts, as in the package `cookie`, with which express-session reads them. */
function valueOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  for (const pair of header.split(';', MAX_PAIRS)) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    const value = pair.slice(at + 1).trim();
    return value.length > MAX_VALUE_LENGTH ? undefined : decoded(value.replace(/^"(.*)"$/, '$1'));
  }
  return undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
